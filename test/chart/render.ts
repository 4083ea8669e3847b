import { readdirSync, rmSync, writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IHTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute';
import type { IPodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor';
import type { IPrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule';
import type { IServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor';
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import type { IJob } from 'kubernetes-models/batch/v1/Job';
import type { IIngress } from 'kubernetes-models/networking.k8s.io/v1/Ingress';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap';
import type { IPod } from 'kubernetes-models/v1/Pod';
import type { IService } from 'kubernetes-models/v1/Service';
import { parseAllDocuments } from 'yaml';
import { callHelm, helms, type Helm, type HelmRun } from './helm.ts';

export const chart = join(import.meta.dirname, '..', '..', 'helm', 'sluice');

/** An object of Kubernetes, as far as every kind has it. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

export type Values = Readonly<Record<string, unknown>>;

/** The names of the values files that show how the chart is used: ci/NAME-values.yaml. */
export const examples = readdirSync(join(chart, 'ci')).map((file) => file.replace(/-values\.yaml$/, ''));

export const exampleFile = (name: string) => join(chart, 'ci', `${name}-values.yaml`);

export interface RenderOptions {
  readonly helm?: Helm;
  readonly example?: string;
  /** Laid over the example. */
  readonly values?: Values;
  readonly release?: string;
  readonly folder?: string;
}

/** Renders the chart, and gives what Helm said. */
export function tryRender(options: RenderOptions = {}): HelmRun {
  const { helm = helms[0], example = 'default', values = {}, release = 'alpha', folder = chart } = options;
  if (!helm) throw new Error('There is no Helm.');
  const scratch = mkdtempSync(join(tmpdir(), 'sluice-values-'));
  try {
    const overlay = join(scratch, 'values.json');
    writeFileSync(overlay, JSON.stringify(values));
    return callHelm(helm, 'template', release, folder, '-n', 'apps', '-f', exampleFile(example), '-f', overlay);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** The objects that the chart renders. Throws with what Helm said if it renders none. */
export function render(options: RenderOptions = {}): readonly KubeObject[] {
  const { ok, stdout, stderr } = tryRender(options);
  if (!ok) throw new Error(stderr);
  return parse(stdout);
}

/** Reads manifests as Kubernetes does, for which `off` is false. */
export function parse(manifests: string): readonly KubeObject[] {
  return parseAllDocuments(manifests, { version: '1.1', uniqueKeys: true }).flatMap((document) => {
    const fault = document.errors[0];
    if (fault) throw fault;
    const object = document.toJS() as KubeObject | null;
    return object === null ? [] : [object];
  });
}

/** The kinds that tests look into. */
interface Kinds {
  readonly ConfigMap: IConfigMap;
  readonly Deployment: IDeployment;
  readonly HTTPRoute: IHTTPRoute;
  readonly HorizontalPodAutoscaler: IHorizontalPodAutoscaler;
  readonly Ingress: IIngress;
  readonly Job: IJob;
  readonly NetworkPolicy: INetworkPolicy;
  readonly Pod: IPod;
  readonly PodDisruptionBudget: IPodDisruptionBudget;
  readonly PodMonitor: IPodMonitor;
  readonly PrometheusRule: IPrometheusRule;
  readonly Service: IService;
  readonly ServiceMonitor: IServiceMonitor;
}

/** All objects of a kind. */
export function all<K extends keyof Kinds>(
  objects: readonly KubeObject[],
  kind: K,
): readonly (Kinds[K] & KubeObject)[] {
  return objects.filter((one): one is Kinds[K] & KubeObject => one.kind === kind);
}

/** The one object of a kind, which must be there. */
export function theOne<K extends keyof Kinds>(
  objects: readonly KubeObject[],
  kind: K,
  name?: string,
): Kinds[K] & KubeObject {
  const [found, ...others] = all(objects, kind).filter(({ metadata }) => name === undefined || metadata.name === name);
  if (!found || others.length > 0) throw new Error(`There is no, or no single, ${kind}.`);
  return found;
}
