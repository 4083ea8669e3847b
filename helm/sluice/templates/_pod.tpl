{{- /* What the pods and the job that checks their configuration have in common. */ -}}
{{- define "sluice.env" -}}
- name: SLUICE_CONFIG
  value: /etc/sluice/config/sluice.yaml
- name: LOG_LEVEL
  value: {{ .Values.logLevel }}
- name: NODE_OPTIONS
  value: --max-old-space-size-percentage={{ int .Values.heapPercentage }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* Whole directories: a file mounted by subPath would never change. */ -}}
{{- define "sluice.configMounts" -}}
- name: config
  mountPath: /etc/sluice/config
  readOnly: true
{{- if include "sluice.hasSecrets" . }}
- name: secrets
  mountPath: {{ include "sluice.secretsPath" . }}
  readOnly: true
{{- end }}
{{- if .Values.tls.secretName }}
- name: tls
  mountPath: {{ include "sluice.tlsPath" . }}
  readOnly: true
{{- end }}
- name: tmp
  mountPath: /tmp
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* Of a list: the values, and the name of the ConfigMap, and of the Secret that holds `secrets.inline`. */ -}}
{{- define "sluice.configVolumes" -}}
{{- $root := first . -}}
{{- $name := last . -}}
- name: config
  configMap:
    name: {{ $name }}
{{- if include "sluice.hasSecrets" $root }}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- if $root.Values.secrets.inline }}
      - secret:
          name: {{ $name }}
      {{- end }}
      {{- range $root.Values.secrets.existing }}
      - secret:
          name: {{ .name }}
          {{- with .items }}
          items:
            {{- range . }}
            - key: {{ .key | quote }}
              path: {{ .path | default .key | quote }}
            {{- end }}
          {{- end }}
      {{- end }}
{{- end }}
{{- with $root.Values.tls.secretName }}
- name: tls
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
- name: tmp
  emptyDir: { sizeLimit: 64Mi }
{{- with $root.Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* Where the pods of hooks may run: where the others may, and beside them. */ -}}
{{- define "sluice.hookPlacement" -}}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with (.Values.affinity).nodeAffinity }}
affinity:
  nodeAffinity: {{- toYaml . | nindent 4 }}
{{- end }}
{{- with .Values.hostAliases }}
hostAliases: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.dnsPolicy }}
dnsPolicy: {{ . }}
{{- end }}
{{- with .Values.dnsConfig }}
dnsConfig: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
