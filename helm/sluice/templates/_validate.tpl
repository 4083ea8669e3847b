{{- /* What cannot work, one sentence a line. */ -}}
{{- define "sluice.faults" -}}
{{- $v := .Values -}}
{{- $config := toJson $v.config -}}
{{- if not $v.image.repository }}
image.repository is empty: say where the image is.
{{- end }}
{{- if not $v.config.targets }}
config.targets is empty: Sluice starts with at least one target.
{{- end }}
{{- if not (or $v.config.auth.apiKeys $v.config.auth.jwt) }}
config.auth has neither apiKeys nor jwt: nobody could be let in.
{{- end }}
{{- if eq (int $v.ports.http) (int $v.ports.management) }}
ports.http and ports.management are both {{ int $v.ports.http }}.
{{- end }}

{{- /* Time. */ -}}
{{- $drain := add (int $v.config.server.drain.delaySeconds) (int $v.config.server.drain.timeoutSeconds) 5 }}
{{- if lt (int $v.terminationGracePeriodSeconds) (int $drain) }}
terminationGracePeriodSeconds is {{ int $v.terminationGracePeriodSeconds }}, but stopping may take {{ $drain }}: config.server.drain.delaySeconds, then timeoutSeconds for the longest call, and 5 to close. The pod would be killed before its calls have ended.
{{- end }}
{{- range $name, $connection := $v.config.connections }}
{{- range $member, $ms := dict "lookMs" 15000 "answerMs" 10000 }}
{{- $ms = int (dig "timeouts" $member $ms $connection) }}
{{- if lt (mul 1000 (int $v.config.server.drain.timeoutSeconds)) $ms }}
config.server.drain.timeoutSeconds is {{ int $v.config.server.drain.timeoutSeconds }}, but one call of the connection {{ $name }} may take {{ $ms }} ms ({{ $member }}): it would be cut off.
{{- end }}
{{- end }}
{{- end }}

{{- /* Replicas. */ -}}
{{- if and (include "sluice.isMany" .) (ne $v.store.type "postgres") }}
store.type is {{ $v.store.type }}, which one pod keeps for itself: with {{ ternary "autoscaling" "more than one replica" $v.autoscaling.enabled }} it must be postgres.
{{- end }}
{{- with $v.autoscaling }}
{{- if .enabled }}
{{- if gt (int .minReplicas) (int .maxReplicas) }}
autoscaling.minReplicas is above autoscaling.maxReplicas.
{{- end }}
{{- if and (kindIs "invalid" .cpu) (kindIs "invalid" .inFlight) }}
autoscaling has neither cpu nor inFlight to go by.
{{- end }}
{{- if and (not (kindIs "invalid" .cpu)) (not (dig "requests" "cpu" "" $v.resources)) }}
autoscaling.cpu is a percentage of resources.requests.cpu, which is not set.
{{- end }}
{{- end }}
{{- end }}

{{- /* Secrets. */ -}}
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

{{- /* Traffic. */ -}}
{{- if and $v.httpRoute.enabled (not $v.httpRoute.parentRefs) }}
httpRoute.enabled needs httpRoute.parentRefs: the Gateway that it is attached to.
{{- end }}
{{- if and $v.ingress.enabled (not $v.ingress.hosts) }}
ingress.enabled needs ingress.hosts.
{{- end }}
{{- if $v.networkPolicy.enabled }}
{{- if and (or $v.httpRoute.enabled $v.ingress.enabled) (not $v.networkPolicy.ingressFrom) }}
networkPolicy.ingressFrom is empty, so that the Gateway or Ingress controller cannot reach the pods: name its namespace, or its pods.
{{- end }}
{{- if and $v.metrics.serviceMonitor.enabled (not $v.networkPolicy.managementFrom) }}
networkPolicy.managementFrom is empty, so that Prometheus cannot reach the pods: name its namespace, or its pods.
{{- end }}
{{- $isAnyPort := false }}
{{- $ports := list }}
{{- range $v.networkPolicy.upstreams }}
{{- if not .ports }}{{- $isAnyPort = true }}{{- end }}
{{- range .ports }}{{- $ports = append $ports (int .) }}{{- end }}
{{- if contains ":" .cidr }}
{{- if hasPrefix "fd00:ec2:" .cidr }}
networkPolicy.upstreams names {{ .cidr }}, where metadata is served.
{{- end }}
{{- else }}
{{- $cidr := .cidr }}
{{- range $metadata := include "sluice.metadata" $ | fromYamlArray }}
{{- if include "sluice.cidrHolds" (list $metadata $cidr) }}
networkPolicy.upstreams names {{ $cidr }}, where metadata is served.
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- if not $isAnyPort }}
{{- range regexFindAll "\"https?://[^\"/:]+(:[0-9]+)?" (toJson (list $v.config.connections $v.config.auth)) -1 | uniq }}
{{- $url := trimPrefix "\"" . }}
{{- $port := regexFind ":[0-9]+$" $url | trimPrefix ":" | default (ternary "443" "80" (hasPrefix "https:" $url)) }}
{{- if not (has (int $port) $ports) }}
config calls {{ $url }}, but networkPolicy.upstreams lets nothing out on port {{ $port }}.
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* Stops the installation with everything that is wrong at once. */ -}}
{{- define "sluice.validate" -}}
{{- $faults := include "sluice.faults" . | trim -}}
{{- if $faults -}}
{{- fail (printf "\n\nThis cannot work:\n  - %s\n" (regexReplaceAll "\n+" $faults "\n  - ")) -}}
{{- end -}}
{{- end -}}
