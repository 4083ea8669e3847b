{{- /* The addresses that the gateway calls, without user and path. What goes through a proxy is called by the proxy. */ -}}
{{- define "sluice.called" -}}
{{- $texts := list -}}
{{- range .Values.config.connections -}}
{{- $proxy := dig "proxy" "url" "" . -}}
{{- $texts = append $texts (ternary (dict "url" $proxy) (omit . "proxy") (ne $proxy "")) -}}
{{- end -}}
{{- range .Values.config.auth.jwt -}}{{- $texts = append $texts (pick . "jwksUrl") -}}{{- end -}}
{{- range .Values.config.notify -}}{{- $texts = append $texts (pick (.proxy | default dict) "url") -}}{{- end -}}
{{- range .Values.extraEnv -}}
{{- if regexMatch "^OTEL_EXPORTER_OTLP_(TRACES_)?ENDPOINT$" .name -}}{{- $texts = append $texts (pick . "value") -}}{{- end -}}
{{- end -}}
{{- $urls := list -}}
{{- range regexFindAll "\"https?://[^\"/?#]+" (toJson $texts) -1 | uniq -}}
{{- $urls = append $urls (trimPrefix "\"" .) -}}
{{- end -}}
{{- toJson ($urls | uniq) -}}
{{- end -}}

{{- /* The namespace of a host inside the cluster; empty for any other. Of a list: the host, and the release's namespace. */ -}}
{{- define "sluice.namespaceOf" -}}
{{- $labels := splitList "." (first .) -}}
{{- if and (eq (len $labels) 1) (ne (first .) "localhost") (not (hasPrefix "[" (first .))) -}}
{{- last . -}}
{{- else if and (ge (len $labels) 3) (eq (index $labels 2) "svc") -}}
{{- index $labels 1 -}}
{{- end -}}
{{- end -}}

{{- /* May a peer be a pod of a namespace? What only the cluster knows is taken as yes. Of a list: peer, namespace, own one. */ -}}
{{- define "sluice.mayBeIn" -}}
{{- $peer := first . -}}
{{- $namespace := index . 1 -}}
{{- if hasKey $peer "namespaceSelector" -}}
{{- $name := dig "matchLabels" "kubernetes.io/metadata.name" $namespace ($peer.namespaceSelector | default dict) -}}
{{- if eq $name $namespace -}}true{{- end -}}
{{- else if eq $namespace (last .) -}}true
{{- end -}}
{{- end -}}

{{- /* What is wrong with the way out, one sentence a line. */ -}}
{{- define "sluice.egressFaults" -}}
{{- $v := .Values -}}
{{- $own := include "sluice.namespace" . -}}
{{- if $v.networkPolicy.enabled }}
{{- range $v.networkPolicy.upstreams }}
{{- if .cidr }}
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
{{- end }}
{{- range $url := include "sluice.called" . | fromJsonArray }}
{{- $address := regexReplaceAll "^https?://([^@]*@)?" $url "" }}
{{- $port := regexFind ":[0-9]+$" $address | trimPrefix ":" | default (ternary "443" "80" (hasPrefix "https:" $url)) }}
{{- $host := regexReplaceAll ":[0-9]+$" $address "" }}
{{- $told := regexReplaceAll "//[^@]*@" $url "//" }}
{{- $namespace := include "sluice.namespaceOf" (list $host $own) }}
{{- $isOpen := false }}
{{- range $upstream := $v.networkPolicy.upstreams }}
{{- if $namespace }}
{{- range .to }}{{- if include "sluice.mayBeIn" (list . $namespace $own) }}{{- $isOpen = true }}{{- end }}{{- end }}
{{- else if and .cidr (or (not .ports) (has $port (splitList " " (include "sluice.words" .ports)))) }}
{{- $isIpv4 := regexMatch "^[0-9]+([.][0-9]+){3}$" $host }}
{{- if not $isIpv4 }}{{- $isOpen = true }}
{{- else if not (contains ":" .cidr) }}
{{- if include "sluice.cidrHolds" (list .cidr (printf "%s/32" $host)) }}{{- $isOpen = true }}{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- if and $namespace (not $isOpen) }}
{{ $told }} is called inside the cluster, in the namespace {{ $namespace }}, but networkPolicy.upstreams lets nothing out to its pods: name them by `to`, since a CIDR may not stand for pods.
{{- else if not $isOpen }}
{{ $told }} is called, but networkPolicy.upstreams lets nothing out to it on port {{ $port }}.
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* The numbers of a list as words: the numbers of YAML and of JSON are of different kinds. */ -}}
{{- define "sluice.words" -}}
{{- range . }}{{ int . }} {{ end -}}
{{- end -}}
