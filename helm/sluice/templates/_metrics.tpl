{{- /* Samples of one scrape: what every replica tells, and what each target adds, with as much again for what comes later. */ -}}
{{- define "sluice.sampleLimit" -}}
{{- if kindIs "invalid" .Values.metrics.sampleLimit -}}
{{- add 5000 (mul 60 (len .Values.config.targets)) -}}
{{- else -}}
{{- int .Values.metrics.sampleLimit -}}
{{- end -}}
{{- end -}}

{{- /* The name that the rules and dashboards look for, whatever the release is called. */ -}}
{{- define "sluice.relabelings" -}}
- action: replace
  targetLabel: job
  replacement: sluice
{{- end -}}

{{- /* The names of all alerts. */ -}}
{{- define "sluice.alerts" -}}
{{- $alerts := list -}}
{{- range $path, $_ := .Files.Glob "files/rules/*.yaml" -}}
{{- range ($.Files.Get $path | fromYaml).groups -}}
{{- range .rules -}}{{- with .alert -}}{{- $alerts = append $alerts . -}}{{- end -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- $alerts | uniq | toJson -}}
{{- end -}}

{{- /* A rule as the values want it. Of a list: the root, and the rule of a file. */ -}}
{{- define "sluice.rule" -}}
{{- $values := (first .).Values.metrics.rules -}}
{{- $rule := deepCopy (last .) -}}
{{- if $rule.alert -}}
{{- $own := get $values.alerts $rule.alert | default dict -}}
{{- $annotations := $rule.annotations | default dict -}}
{{- if and $values.runbookBaseUrl $annotations.runbook -}}
{{- $_ := set $annotations "runbook_url" (printf "%s/%s" $values.runbookBaseUrl (base $annotations.runbook)) -}}
{{- end -}}
{{- with $annotations.dashboard -}}
{{- if $values.dashboardBaseUrl -}}{{- $_ := set $annotations "dashboard_url" (printf "%s%s" $values.dashboardBaseUrl .) -}}{{- end -}}
{{- end -}}
{{- $_ := set $rule "annotations" (mergeOverwrite (dict) $annotations $values.alertAnnotations ($own.annotations | default dict)) -}}
{{- $labels := mergeOverwrite (dict) ($rule.labels | default dict) $values.alertLabels ($own.labels | default dict) -}}
{{- with $own.severity -}}{{- $_ := set $labels "severity" . -}}{{- end -}}
{{- if $labels -}}{{- $_ := set $rule "labels" $labels -}}{{- end -}}
{{- with index $own "for" -}}{{- $_ := set $rule "for" . -}}{{- end -}}
{{- /* The file's own thresholds are those of an installation without the chart. */ -}}
{{- if eq $rule.alert "SluiceCardinality" -}}
{{- $_ := set $rule "expr" (regexReplaceAll "> [0-9]+" $rule.expr (printf "> %d" (div (mul 4 (int (include "sluice.sampleLimit" (first .)))) 5))) -}}
{{- end -}}
{{- end -}}
{{- toYaml $rule -}}
{{- end -}}
