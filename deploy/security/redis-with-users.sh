#!/bin/sh
# Starts Redis with the users of redis-users.acl, whose passwords lie in files of their own (secrets):
#   redis-with-users.sh ACL SECRETS NAMESPACE redis-server OPTION...
# SECRETS is the folder with redis-worker, redis-reader, redis-audit and redis-names. The file of users that Redis loads
# has digests of the passwords only; it is made in the working directory, which may be in memory.
set -eu
umask 077
acl=$1 secrets=$2 namespace=$3
shift 3

digest_of() {
    password=$(cat "$secrets/redis-$1")
    if [ -z "$password" ]; then
        echo "$secrets/redis-$1 holds no password" >&2
        exit 1
    fi
    printf %s "$password" | sha256sum | cut -c1-64
}

worker=$(digest_of worker)
reader=$(digest_of reader)
audit=$(digest_of audit)
names=$(digest_of names)
sed -e "s/salespulse:/$namespace:/g" -e "s/SHA256_OF_WORKER_PASSWORD/$worker/" \
    -e "s/SHA256_OF_READER_PASSWORD/$reader/" -e "s/SHA256_OF_AUDIT_PASSWORD/$audit/" \
    -e "s/SHA256_OF_NAMES_PASSWORD/$names/" "$acl" >users.acl
exec "$@" --aclfile users.acl
