import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';

const volumeKinds = new Set([
  'name',
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

/** What keeps a pod out of a namespace that enforces the restricted profile of the pod security standards. */
export function restrictedFaults(pod: IPodSpec): readonly string[] {
  const faults: string[] = [];
  const refuse = (isWrong: boolean | undefined, fault: string) => {
    if (isWrong) faults.push(fault);
  };
  refuse(pod.hostNetwork, 'hostNetwork');
  refuse(pod.hostPID, 'hostPID');
  refuse(pod.hostIPC, 'hostIPC');
  for (const volume of pod.volumes ?? []) {
    for (const kind of Object.keys(volume)) refuse(!volumeKinds.has(kind), `volume ${volume.name}: ${kind}`);
  }
  const own = pod.securityContext;
  refuse((own?.sysctls ?? []).length > 0, 'sysctls');
  for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
    const { name, securityContext: context, ports = [] } = container;
    refuse(context?.privileged, `${name}: privileged`);
    refuse(context?.allowPrivilegeEscalation !== false, `${name}: allowPrivilegeEscalation`);
    refuse(!(context?.capabilities?.drop ?? []).includes('ALL'), `${name}: capabilities`);
    refuse(
      (context?.capabilities?.add ?? []).some((one) => one !== 'NET_BIND_SERVICE'),
      `${name}: added capabilities`,
    );
    refuse((context?.runAsNonRoot ?? own?.runAsNonRoot) !== true, `${name}: runAsNonRoot`);
    refuse((context?.runAsUser ?? own?.runAsUser) === 0, `${name}: runAsUser`);
    const seccomp = (context?.seccompProfile ?? own?.seccompProfile)?.type;
    refuse(seccomp !== 'RuntimeDefault' && seccomp !== 'Localhost', `${name}: seccompProfile`);
    refuse(
      ports.some(({ hostPort }) => hostPort !== undefined),
      `${name}: hostPort`,
    );
    // Not of the profile, but of ours.
    refuse(context?.readOnlyRootFilesystem !== true, `${name}: readOnlyRootFilesystem`);
  }
  refuse(pod.automountServiceAccountToken !== false, 'automountServiceAccountToken');
  refuse(pod.enableServiceLinks !== false, 'enableServiceLinks');
  return faults;
}
