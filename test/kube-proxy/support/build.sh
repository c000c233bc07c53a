#!/bin/sh
# Builds kube-proxy of one version from the Go modules of Kubernetes. Usage: build.sh VERSION FOLDER
# Kubernetes names its staging modules by folders of its own repository; here each is the module of the same release.
set -eu
version=$1 folder=$2
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$folder"
cp "$here/main.go" "$folder/main.go"
cd "$folder"
modules=$(go mod download -json "k8s.io/kubernetes@$version" | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p')
{
  echo 'module medic.test/kube-proxy'
  sed -n '/^go /p; /^godebug/p' "$modules"
  echo "require k8s.io/kubernetes $version"
  sed -n "s#^[[:space:]]*\(k8s.io/[a-z-]*\) => \./staging/.*#replace \1 => \1 v0.${version#v1.}#p" "$modules"
} >go.mod
nice -n 19 go mod tidy
# One compiler at a time: this takes ten minutes, and somebody may work beside it.
nice -n 19 go build -p 1 -buildvcs=false -o kube-proxy.part .
mv kube-proxy.part kube-proxy
