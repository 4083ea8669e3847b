{{- /* Where clouds serve metadata, credentials among it. */ -}}
{{- define "sluice.metadata" -}}
- 169.254.0.0/16
- 100.100.100.200/32
{{- end -}}

{{- define "sluice.ipv4" -}}
{{- $number := 0 -}}
{{- range splitList "." . -}}{{- $number = add (mul $number 256) (int .) -}}{{- end -}}
{{- $number -}}
{{- end -}}

{{- /* Does the first of two IPv4 blocks hold the second? Empty if not. */ -}}
{{- define "sluice.cidrHolds" -}}
{{- $outer := splitList "/" (first .) -}}
{{- $inner := splitList "/" (last .) -}}
{{- $size := 1 -}}
{{- range until (int (sub 32 (int (last $outer)))) -}}{{- $size = mul $size 2 -}}{{- end -}}
{{- if and (le (int (last $outer)) (int (last $inner))) (eq (div (int64 (include "sluice.ipv4" (first $outer))) $size) (div (int64 (include "sluice.ipv4" (first $inner))) $size)) -}}true{{- end -}}
{{- end -}}

{{- /* An ipBlock of a CIDR, without the metadata addresses in it. */ -}}
{{- define "sluice.ipBlock" -}}
{{- $cidr := . -}}
{{- $except := list -}}
{{- if contains ":" $cidr -}}
{{- if has $cidr (list "::/0" "fc00::/7" "fd00::/8") -}}{{- $except = append $except "fd00:ec2::254/128" -}}{{- end -}}
{{- if eq $cidr "::/0" -}}{{- $except = append $except "fe80::/10" -}}{{- end -}}
{{- else -}}
{{- range $metadata := include "sluice.metadata" . | fromYamlArray -}}
{{- if include "sluice.cidrHolds" (list $cidr $metadata) -}}{{- $except = append $except $metadata -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- $block := dict "cidr" $cidr -}}
{{- if $except -}}{{- $_ := set $block "except" $except -}}{{- end -}}
{{- toYaml (dict "ipBlock" $block) -}}
{{- end -}}
