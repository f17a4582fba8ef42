#!/bin/sh
# Many users, one desktop each: writes a folder for `kubectl apply -k`, with a Kustomization a user (own Deployment, Service, home, password)
# over base and components. Run it again to add users: what is there, passwords above all, stays as it is.
set -eu

usage() {
  cat <<'TEXT'
Usage: users.sh FOLDER [--with COMPONENT,…] [--host NAME] [--image NAME:TAG] USER …

  --with COMPONENT,…  of the folder `components`, e.g. turn-secret,time-sliced,idle
  --host NAME         an Ingress too: each user's desktop is https://NAME/USER/
  --image NAME:TAG    the image where your nodes find it

Users are lower-case letters, digits and dashes. Then: kubectl apply -k FOLDER, and the passwords are in FOLDER/USER/password.
TEXT
}

fail() {
  echo "users.sh: $1" >&2
  exit 2
}

case ${1:-} in --help | -h) usage; exit 0 ;; '' | -*) usage >&2; exit 2 ;; esac
folder=$1
shift
components=
host=
image=
users=
while [ $# -gt 0 ]; do
  case $1 in
    --with | --host | --image) [ $# -gt 1 ] || fail "$1 needs a value" ;;
  esac
  case $1 in
    --with) components=$2; shift ;;
    --host) host=$2; shift ;;
    --image) image=$2; shift ;;
    -*) fail "unknown option $1, see --help" ;;
    # The name of a Service, with "eglantine-" in front.
    *[!a-z0-9-]* | *- | ????????????????????????????????*) fail "a user is up to 31 lower-case letters, digits and dashes: $1" ;;
    *) users="$users $1" ;;
  esac
  shift
done
[ -n "$users" ] || fail "no user given"
case $host in *[!A-Za-z0-9.-]*) fail "--host must be a host name: $host" ;; esac
case $image in *[!A-Za-z0-9./:_@-]*) fail "--image must be an image's name: $image" ;; esac

here=$(dirname "$(readlink -f "$0")")
components=$(echo "$components" | tr ',' ' ')
[ -z "$host" ] || components="ingress $components"
for component in $components; do
  [ -f "$here/components/$component/kustomization.yaml" ] || fail "no component $component in $here/components"
done
mkdir -p "$folder"
# Kustomize takes relative paths alone.
base=$(realpath --relative-to="$folder" "$here")

write_user() {
  user=$1
  mkdir -p "$folder/$user"
  [ -s "$folder/$user/password" ] || (umask 077; head -c 15 /dev/urandom | base64 | tr -d '\n' >"$folder/$user/password")
  {
    cat <<YAML
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../$base/base]
nameSuffix: -$user
labels:
  - pairs:
      eglantine.desktop/user: $user
    includeSelectors: true
secretGenerator:
  - name: eglantine
    behavior: replace
    files: [password]
YAML
    if [ -n "$components" ]; then
      echo "components:"
      for component in $components; do echo "  - ../$base/components/$component"; done
    fi
    if [ -n "$host" ]; then
      cat <<YAML
patches:
  - target:
      kind: Deployment
    patch: |-
      - op: add
        path: /spec/template/spec/containers/0/env/-
        value:
          name: EGLANTINE_BASE_PATH
          value: /$user
  - target:
      kind: Ingress
    patch: |-
      - op: replace
        path: /spec/rules/0/host
        value: $host
      - op: replace
        path: /spec/rules/0/http/paths/0/path
        value: /$user
      - op: replace
        path: /spec/tls/0/hosts/0
        value: $host
YAML
    fi
  } >"$folder/$user/kustomization.yaml"
}

for user in $users; do write_user "$user"; done
images=$(sed -n '/^images:/,$p' "$folder/kustomization.yaml" 2>/dev/null || :)
if [ -n "$image" ]; then
  case ${image##*/} in *:*) name=${image%:*} tag=${image##*:} ;; *) name=$image tag=latest ;; esac
  images=$(printf 'images:\n  - name: eglantine\n    newName: %s\n    newTag: "%s"\n' "$name" "$tag")
fi
{
  echo "# Every desktop of this folder, written by users.sh."
  echo "apiVersion: kustomize.config.k8s.io/v1beta1"
  echo "kind: Kustomization"
  echo "resources:"
  for kustomization in "$folder"/*/kustomization.yaml; do echo "  - $(basename "$(dirname "$kustomization")")"; done
  # Once in a namespace.
  if grep -q '/components/idle$' "$folder"/*/kustomization.yaml; then echo "  - $base/idle"; fi
  if [ -n "$images" ]; then echo "$images"; fi
} >"$folder/kustomization.new"
mv "$folder/kustomization.new" "$folder/kustomization.yaml"
