#!/bin/sh
# Makes the desk's namespace and the attributes managers filter by. Repeating it
# makes only what is missing. TEMPORAL_ADDRESS comes from compose.yaml.
set -eu
namespace=rightsdesk
retention=90d

until temporal operator cluster health >/dev/null 2>&1; do sleep 1; done

if temporal operator namespace describe --namespace "$namespace" >/dev/null 2>&1; then
	temporal operator namespace update --namespace "$namespace" --retention "$retention"
else
	temporal operator namespace create --namespace "$namespace" --retention "$retention"
fi

# A new namespace is known to all of Temporal's services after some seconds.
tries=0
until known=$(temporal operator search-attribute list --namespace "$namespace"); do
	tries=$((tries + 1))
	[ "$tries" -lt 30 ] || exit 1
	sleep 2
done
for attribute in TicketKind:Keyword TicketStage:Keyword ReplyDue:Datetime \
	SLAState:Keyword Assignee:Keyword Escalation:Int; do
	name=${attribute%:*}
	echo "$known" | grep -qw "$name" ||
		temporal operator search-attribute create --namespace "$namespace" --name "$name" --type "${attribute#*:}"
done
