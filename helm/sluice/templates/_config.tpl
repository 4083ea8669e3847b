{{- /* The directories that the gateway finds its files in. */ -}}
{{- define "sluice.secretsPath" -}}/etc/sluice/secrets{{- end -}}
{{- define "sluice.tlsPath" -}}/etc/sluice/tls{{- end -}}
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
{{- if not (kindIs "invalid" .maxMegabytes) }}
maxMegabytes: {{ int .maxMegabytes }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* The configuration as an object: what was given, and what follows from the rest of the values. */ -}}
{{- define "sluice.configTree" -}}
{{- $config := deepCopy .Values.config -}}
{{- $_ := set $config.server "port" (int .Values.ports.http) -}}
{{- $_ := set $config.server "management" (dict "port" (int .Values.ports.management)) -}}
{{- with .Values.tls }}
{{- if .secretName }}
{{- $path := include "sluice.tlsPath" $ }}
{{- $_ := set $config.server "tls" (dict "cert" (printf "%s/%s" $path .certificateKey) "key" (printf "%s/%s" $path .privateKeyKey)) -}}
{{- end }}
{{- end }}
{{- $_ := set $config "store" (include "sluice.store" . | fromYaml) -}}
{{- toJson $config -}}
{{- end -}}

{{- /* The file that the gateway reads. */ -}}
{{- define "sluice.config" -}}
{{- include "sluice.configTree" . | fromJson | toYaml -}}
{{- end -}}

{{- /* What a running gateway does not take from a changed file. */ -}}
{{- define "sluice.needsRestart" -}}
{{- pick (include "sluice.configTree" . | fromJson) "server" "store" | toJson -}}
{{- end -}}
