import { join } from 'node:path';
import { HTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute';
import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule';
import { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor';
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import { Pod } from 'kubernetes-models/v1/Pod';
import { Secret } from 'kubernetes-models/v1/Secret';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import ts from 'typescript';
import type { KubeObject } from './render.ts';

const monitoring = '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';

/** Every kind that the chart may render, and the module that has its type. */
const models = {
  Deployment: ['kubernetes-models/apps/v1', Deployment],
  HorizontalPodAutoscaler: ['kubernetes-models/autoscaling/v2', HorizontalPodAutoscaler],
  Job: ['kubernetes-models/batch/v1', Job],
  Ingress: ['kubernetes-models/networking.k8s.io/v1', Ingress],
  NetworkPolicy: ['kubernetes-models/networking.k8s.io/v1', NetworkPolicy],
  PodDisruptionBudget: ['kubernetes-models/policy/v1', PodDisruptionBudget],
  ConfigMap: ['kubernetes-models/v1', ConfigMap],
  PersistentVolumeClaim: ['kubernetes-models/v1', PersistentVolumeClaim],
  Pod: ['kubernetes-models/v1', Pod],
  Secret: ['kubernetes-models/v1', Secret],
  Service: ['kubernetes-models/v1', Service],
  ServiceAccount: ['kubernetes-models/v1', ServiceAccount],
  HTTPRoute: ['@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1', HTTPRoute],
  PodMonitor: [monitoring, PodMonitor],
  PrometheusRule: [monitoring, PrometheusRule],
  ServiceMonitor: [monitoring, ServiceMonitor],
} as const;

export const kinds = Object.keys(models);

function modelOf({ kind }: KubeObject) {
  const model = Object.entries(models).find(([name]) => name === kind)?.[1];
  if (!model) throw new Error(`There is no model of the kind ${kind}.`);
  return model;
}

/** What the schemas of Kubernetes and of the custom resources have against an object; null if nothing. */
export function schemaFault(object: KubeObject): string | null {
  const [, Model] = modelOf(object);
  try {
    // Each model takes the data of its own kind, which is what this finds out.
    new (Model as new (input: unknown) => { validate(): void })(object).validate();
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

/**
 * What the compiler has against the objects, as literals of their types: misspelt fields above all, which the schemas
 * let pass. One line a fault, which begins with the object's place in the list.
 */
export function typeFaults(objects: readonly KubeObject[]): readonly string[] {
  const name = join(import.meta.dirname, 'rendered-objects.ts');
  const text = objects
    .map((object, index) => {
      const [module] = modelOf(object);
      const type = `import('${module}/${object.kind}').I${object.kind}`;
      return `export const object${index}: ${type} = ${JSON.stringify(object)};`;
    })
    .join('\n');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.NodeNext,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.ES2024, true);
  const disk = ts.createCompilerHost(options);
  host.getSourceFile = (file, ...rest) => (file === name ? source : disk.getSourceFile(file, ...rest));
  host.fileExists = (file) => file === name || disk.fileExists(file);
  return ts.getPreEmitDiagnostics(ts.createProgram([name], options, host)).map(({ start, messageText }) => {
    const line = ts.getLineAndCharacterOfPosition(source, start ?? 0).line;
    return `${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}
