{{- /* A quantity of processors in thousandths of one. */ -}}
{{- define "sluice.millicores" -}}
{{- $quantity := toString . -}}
{{- if hasSuffix "m" $quantity -}}{{- trimSuffix "m" $quantity -}}{{- else -}}{{- mulf 1000 (float64 $quantity) | int -}}{{- end -}}
{{- end -}}

{{- /* What cannot work, one sentence a line. */ -}}
{{- define "sluice.faults" -}}
{{- $v := .Values -}}
{{- if not $v.image.repository }}
image.repository is empty: say where the image is.
{{- end }}
{{- if not $v.config.targets }}
config.targets is empty: Sluice starts with at least one target.
{{- end }}
{{- if not (or $v.config.auth.apiKeys $v.config.auth.jwt) }}
config.auth has neither apiKeys nor jwt: no caller could be let in.
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
{{- if not (kindIs "invalid" .cpu) }}
{{- $request := dig "requests" "cpu" "0" $v.resources }}
{{- if gt (int (include "sluice.millicores" .cpu)) (int (mul 2 (int (include "sluice.millicores" $request)))) }}
autoscaling.cpu is {{ .cpu }}, more than twice resources.requests.cpu ({{ $request }}): pods would go where they never get so much, and no pod would be added.
{{- end }}
{{- if gt (int (include "sluice.millicores" .cpu)) 900 }}
autoscaling.cpu is {{ .cpu }}, but one replica works on one processor: it would never be more than that.
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* Stops the installation with everything that is wrong at once. */ -}}
{{- define "sluice.validate" -}}
{{- $faults := list -}}
{{- range list "sluice.faults" "sluice.secretFaults" "sluice.nameFaults" "sluice.trafficFaults" "sluice.egressFaults" -}}
{{- $faults = append $faults (include . $ | trim) -}}
{{- end -}}
{{- $faults = join "\n" $faults | trim -}}
{{- if $faults -}}
{{- fail (printf "\n\nThis cannot work:\n  - %s\n" (regexReplaceAll "\n+" $faults "\n  - ")) -}}
{{- end -}}
{{- end -}}
