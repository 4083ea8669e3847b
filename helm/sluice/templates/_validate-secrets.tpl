{{- /* The places of secrets that stand in a tree in plain text, one a line. Of a list: the path of the tree, and the tree. */ -}}
{{- define "sluice.plainSecrets" -}}
{{- $path := first . -}}
{{- $tree := last . -}}
{{- if kindIs "map" $tree -}}
{{- range $name, $inner := $tree }}
{{- if and (kindIs "string" $inner) (regexMatch "^(?i:password|passwd|pswd|secret|secretKey|accessKey|securityToken|token|key|apiKey|clientSecret|privateKey)$" $name) }}
{{ $path }}.{{ $name }}
{{- else }}
{{ include "sluice.plainSecrets" (list (printf "%s.%s" $path $name) $inner) }}
{{- end }}
{{- end }}
{{- else if kindIs "slice" $tree -}}
{{- range $index, $inner := $tree }}
{{ include "sluice.plainSecrets" (list (printf "%s[%d]" $path $index) $inner) }}
{{- end }}
{{- else if kindIs "string" $tree -}}
{{- if or (regexMatch "^[a-z]+://[^/@?#]*:[^/@?#]+@" $tree) (contains "PRIVATE KEY-----" $tree) }}
{{ $path }}
{{- end }}
{{- end -}}
{{- end -}}

{{- /* What is wrong with secrets, one sentence a line. */ -}}
{{- define "sluice.secretFaults" -}}
{{- $v := .Values -}}
{{- $config := toJson $v.config -}}
{{- if and $v.secrets.existing $v.secrets.inline }}
secrets.existing and secrets.inline are both set: keep one.
{{- end }}
{{- if and (eq $v.store.type "postgres") (not $v.store.postgres.urlFile) }}
store.type is postgres, but store.postgres.urlFile names no file among the secrets.
{{- end }}
{{- $files := keys $v.secrets.inline }}
{{- $isKnown := true }}
{{- range $v.secrets.existing }}
{{- if not .items }}{{- $isKnown = false }}{{- end }}
{{- range .items }}{{- $files = append $files (.path | default .key) }}{{- end }}
{{- end }}
{{- if $isKnown }}
{{- if and (eq $v.store.type "postgres") $v.store.postgres.urlFile (not (has $v.store.postgres.urlFile $files)) }}
store.postgres.urlFile is {{ $v.store.postgres.urlFile }}, which is not among the files of secrets.
{{- end }}
{{- range regexFindAll (printf "\"%s/[^\"]+\"" (include "sluice.secretsPath" .)) $config -1 | uniq }}
{{- $file := trimAll "\"" . | trimPrefix (printf "%s/" (include "sluice.secretsPath" $)) }}
{{- if not (has $file $files) }}
config names the file {{ trimAll "\"" . }}, which is not among the files of secrets.
{{- end }}
{{- end }}
{{- end }}
{{- if ne (len $files) (len (uniq $files)) }}
secrets.existing gives two keys the same path.
{{- end }}
{{- range $section := list "auth" "connections" "notify" }}
{{- range splitList "\n" (include "sluice.plainSecrets" (list (printf "config.%s" $section) (get $v.config $section | default list))) }}
{{- with trim . }}
{{ . }} is a secret in plain text, and a ConfigMap is read by many: keep it in a Secret, and name its file ({ file: {{ include "sluice.secretsPath" $ }}/NAME }).
{{- end }}
{{- end }}
{{- end }}
{{- $env := dict }}
{{- range $v.extraEnv }}{{- $_ := set $env .name . }}{{- end }}
{{- range regexFindAll "\"env\":\"[^\"]+\"" $config -1 | uniq }}
{{- $name := trimSuffix "\"" (trimPrefix "\"env\":\"" .) }}
{{- if hasKey $env $name }}
{{- if hasKey (get $env $name) "value" }}
extraEnv gives {{ $name }}, which config names as a secret, in plain text: take it from a Secret by valueFrom.
{{- end }}
{{- else if not $v.envFrom }}
config names the environment variable {{ $name }}, which neither extraEnv nor envFrom gives.
{{- end }}
{{- end }}
{{- end -}}
