{{- /* The directories that the gateway finds its files in. */ -}}
{{- define "sluice.secretsPath" -}}/etc/sluice/secrets{{- end -}}
{{- define "sluice.dataPath" -}}/var/lib/sluice{{- end -}}

{{- define "sluice.store" -}}
{{- with .Values.store }}
{{- if eq .type "sqlite" }}
sqlite: { path: {{ include "sluice.dataPath" $ }}/sluice.db }
{{- else if eq .type "postgres" }}
postgres: { url: { file: {{ include "sluice.secretsPath" $ }}/{{ .postgres.urlFile }} } }
{{- else }}
memory: {}
{{- end }}
{{- if not (kindIs "invalid" .retentionDays) }}
retentionDays: {{ int .retentionDays }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* The file that the gateway reads: what was given, and what follows from the rest of the values. */ -}}
{{- define "sluice.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- $_ := set $config.server "port" (int .Values.ports.http) -}}
{{- $_ := set $config.server "management" (dict "port" (int .Values.ports.management)) -}}
{{- $_ := set $config "store" (include "sluice.store" . | fromYaml) -}}
{{- toYaml $config -}}
{{- end -}}
