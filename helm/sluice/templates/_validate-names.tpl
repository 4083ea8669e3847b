{{- /* Names that are given twice. Of a list: what gives them, and all of them. */ -}}
{{- define "sluice.twice" -}}
{{- $seen := dict -}}
{{- $told := dict -}}
{{- $what := first . -}}
{{- range last . -}}
{{- if and (hasKey $seen .) (not (hasKey $told .)) }}
{{ $what }} gives {{ . }} twice, or the chart gives it already: Kubernetes takes a name once.
{{- $_ := set $told . true }}
{{- end -}}
{{- $_ := set $seen . true -}}
{{- end -}}
{{- end -}}

{{- /* What is wrong with names, one sentence a line. */ -}}
{{- define "sluice.nameFaults" -}}
{{- $v := .Values -}}
{{- $names := list "SLUICE_CONFIG" "LOG_LEVEL" "NODE_OPTIONS" }}
{{- range $v.extraEnv }}{{- $names = append $names .name }}{{- end }}
{{ include "sluice.twice" (list "extraEnv" $names) }}
{{- $names = list "config" "secrets" "tls" "data" "tmp" }}
{{- range $v.extraVolumes }}{{- $names = append $names .name }}{{- end }}
{{ include "sluice.twice" (list "extraVolumes" $names) }}
{{- $names = list "/etc/sluice/config" (include "sluice.secretsPath" .) (include "sluice.tlsPath" .) (include "sluice.dataPath" .) "/tmp" }}
{{- range $v.extraVolumeMounts }}{{- $names = append $names (trimSuffix "/" .mountPath) }}{{- end }}
{{ include "sluice.twice" (list "extraVolumeMounts" $names) }}
{{- $names = list "sluice" }}
{{- range concat $v.initContainers $v.extraContainers }}{{- $names = append $names .name }}{{- end }}
{{ include "sluice.twice" (list "extraContainers or initContainers" $names) }}
{{- $own := concat (keys (include "sluice.selector" . | fromYaml)) (list "app.kubernetes.io/version" "app.kubernetes.io/managed-by" "app.kubernetes.io/part-of" "helm.sh/chart") }}
{{ include "sluice.twice" (list "commonLabels or podLabels" (concat $own (keys $v.commonLabels | sortAlpha) (keys $v.podLabels | sortAlpha))) }}
{{ include "sluice.twice" (list "podAnnotations" (concat (list "kubectl.kubernetes.io/default-container" "checksum/restart" "checksum/config" "checksum/secrets") (keys $v.podAnnotations | sortAlpha))) }}
{{- $names = list }}
{{- range $v.config.targets }}{{- $names = append $names .name }}{{- end }}
{{ include "sluice.twice" (list "config.targets" $names) }}

{{- /* Alerts that are named, but are none. */ -}}
{{- $alerts := include "sluice.alerts" . | fromJsonArray }}
{{- range $v.metrics.rules.disabled }}
{{- if not (has . $alerts) }}
metrics.rules.disabled names {{ . }}, which is no alert: docs/operating.md lists them.
{{- end }}
{{- end }}
{{- range keys $v.metrics.rules.alerts | sortAlpha }}
{{- if not (has . $alerts) }}
metrics.rules.alerts names {{ . }}, which is no alert: docs/operating.md lists them.
{{- end }}
{{- end }}
{{- end -}}
