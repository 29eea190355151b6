#!/bin/sh
# Once, before the first start: builds the image, draws the passwords of the
# databases and of Grafana into docker/.env, and makes the master key in a volume
# of its own. Run again, it builds the image anew and leaves passwords and key as
# they are.
set -eu
cd "$(dirname "$0")"

volume=rightsdesk-master-key
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

docker build -f Dockerfile --build-arg "RELEASE=$(git describe --always --dirty 2>/dev/null || echo unreleased)" -t rightsdesk:local ..

# Names that an earlier release did not have are added; what is there stays.
umask 077
[ -e .env ] || {
	echo "# Passwords, drawn by init.sh. Those of the databases hold for the data in the"
	echo "# volume rightsdesk_mysql: keep both or neither."
} >.env
[ -z "$(tail -c 1 .env)" ] || echo >>.env
for name in MYSQL_ROOT_PASSWORD DESK_SCHEMA_PASSWORD DESK_PASSWORD TEMPORAL_PASSWORD GRAFANA_PASSWORD; do
	grep -q "^$name=" .env && continue
	echo "$name=$(random)" >>.env
	echo "drew $name into docker/.env"
done

docker volume inspect "$volume" >/dev/null 2>&1 || docker volume create "$volume" >/dev/null
if said=$(docker run --rm --network none -v "$volume:/keys" rightsdesk:local keys new /keys/master.key 2>&1); then
	cat <<END
made the master key in the volume $volume
Keep a copy of it apart from the database's backups:
  docker run --rm --entrypoint cat -v $volume:/keys:ro mysql:8.4 /keys/master.key
Without it nothing that is stored can ever be read again.
END
else
	case $said in
	*"exists already"*) echo "the master key is there already" ;;
	*) echo "$said" >&2; exit 1 ;;
	esac
fi
echo "now: docker compose -f docker/compose.yaml up"
