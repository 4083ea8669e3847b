#!/bin/sh
# Calls Sluice by curl: SLUICE_URL=… SLUICE_KEY=… sluice.sh POST /sessions/flush -d '{"targets":["carts"]}'
# Exit code: 0 done, 1 refused or failed, 2 partial, deferred or unknown, 3 still running: sluice.sh GET /operations/<id>
method=$1 path=$2 head=$(mktemp) body=$(mktemp)
shift 2
trap 'rm -f "$head" "$body"' EXIT
curl -sS -X "$method" -D "$head" -o "$body" -H "X-API-Key: $SLUICE_KEY" -H 'Content-Type: application/json' "$@" "$SLUICE_URL$path"
sent=$?
cat "$body"
header() { tr -d '\r' <"$head" | sed -n "s/^$1: *//Ip" | tail -n 1; }
state=$(header sluice-state) completed=$(header sluice-completed)
case $path in /operations/?*) # The record of an operation tells by its body.
  state=$(grep -o '"state":"[a-z]*"' "$body" | head -n 1 | cut -d '"' -f 4)
  completed=$(if grep -q '"completed":false' "$body"; then echo false; fi) ;;
esac
case $sent:$(head -n 1 "$head" | cut -d ' ' -f 2):$state:$completed in
  [1-7]:* | 35:* | 60:* | 127:*) exit 1 ;;                 # nothing was sent
  [1-9]*) exit 2 ;;                                        # no whole answer: nobody can say
  *:running:*) exit 3 ;;
  *:unknown:* | *:partial:* | *:succeeded:false) exit 2 ;;
  *:[45]??:* | *:failed:*) exit 1 ;;
  *:planned:*) exit 0 ;;
  *:false) exit 2 ;;                                       # a look that did not see every target
  *) exit 0 ;;
esac
