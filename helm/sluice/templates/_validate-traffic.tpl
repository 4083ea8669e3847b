{{- /* Does the API live at or below a path? Of a list: the base path, and that path. Empty if not. */ -}}
{{- define "sluice.isBelow" -}}
{{- $base := first . | default "" -}}
{{- $path := last . | trimSuffix "/" -}}
{{- if or (eq $path "") (eq $base $path) (hasPrefix (printf "%s/" $path) $base) -}}true{{- end -}}
{{- end -}}

{{- /* What is wrong with the way in, one sentence a line. */ -}}
{{- define "sluice.trafficFaults" -}}
{{- $v := .Values -}}
{{- $base := $v.config.server.basePath | default "" -}}
{{- if and $v.httpRoute.enabled (not $v.httpRoute.parentRefs) }}
httpRoute.enabled needs httpRoute.parentRefs: the Gateway that it is attached to.
{{- end }}
{{- if and $v.httpRoute.enabled (not (include "sluice.isBelow" (list $base $v.httpRoute.path))) (not (contains "URLRewrite" (toJson $v.httpRoute.filters))) }}
httpRoute.path is {{ $v.httpRoute.path }}, but the API is at {{ $base | default "/" }}: set config.server.basePath to the same path, or rewrite it by a filter.
{{- end }}
{{- if and $v.ingress.enabled (not $v.ingress.hosts) }}
ingress.enabled needs ingress.hosts.
{{- end }}
{{- if and $v.ingress.enabled (not (include "sluice.isBelow" (list $base $v.ingress.path))) (not (regexMatch "(?i)rewrite|strip|middleware" (toJson $v.ingress.annotations))) }}
ingress.path is {{ $v.ingress.path }}, but the API is at {{ $base | default "/" }}: set config.server.basePath to the same path, or rewrite it by an annotation.
{{- end }}
{{- if and $v.metrics.serviceMonitor.enabled $v.metrics.podMonitor.enabled }}
metrics.serviceMonitor and metrics.podMonitor are both enabled: everything would be counted twice.
{{- end }}
{{- if $v.networkPolicy.enabled }}
{{- if and (or $v.httpRoute.enabled $v.ingress.enabled) (not $v.networkPolicy.ingressFrom) }}
networkPolicy.ingressFrom is empty, so that the Gateway or Ingress controller cannot reach the pods: name its namespace, or its pods.
{{- end }}
{{- if and (ne $v.service.type "ClusterIP") (not (contains "\"ipBlock\"" (toJson $v.networkPolicy.ingressFrom))) }}
service.type is {{ $v.service.type }}, but networkPolicy.ingressFrom lets in no address from outside the cluster: name an ipBlock.
{{- end }}
{{- if and (or $v.metrics.serviceMonitor.enabled $v.metrics.podMonitor.enabled) (not $v.networkPolicy.managementFrom) }}
networkPolicy.managementFrom is empty, so that Prometheus cannot reach the pods: name its namespace, or its pods.
{{- end }}
{{- end }}

{{- /* Replacing pods, and taking them away. */ -}}
{{- if and (ne $v.store.type "postgres") (eq (dig "type" "Recreate" $v.strategy) "RollingUpdate") }}
strategy.type is RollingUpdate, but store.type is {{ $v.store.type }}: two pods would keep operations apart, or write to one file.
{{- end }}
{{- $least := ternary $v.autoscaling.minReplicas $v.replicaCount $v.autoscaling.enabled }}
{{- if and (include "sluice.isMany" .) (not (kindIs "invalid" $v.podDisruptionBudget.minAvailable)) }}
{{- $needed := toString $v.podDisruptionBudget.minAvailable }}
{{- if and (not (hasSuffix "%" $needed)) (ge (int $needed) (int $least)) }}
podDisruptionBudget.minAvailable is {{ $needed }} of {{ $least }} pods: no node could be drained.
{{- end }}
{{- end }}
{{- end -}}
