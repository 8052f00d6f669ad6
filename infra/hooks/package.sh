#!/bin/sh
# The build for the cloud (docs/decisions/0001), as azd packs it: dist/app, with the task hub that EAR_TASK_HUB and EAR_DURABLE_BACKEND choose.
set -eu
cd "$(dirname "$0")/../.."
rm -rf dist/app
# The scheduler's backend is a package of its own; without it the host would not know the storage type that host.json names.
[ "${EAR_DURABLE_BACKEND:-}" != DurableTaskScheduler ] || export UseDurableTaskScheduler=true
UseCloudPackages=true dotnet publish functions/Ear.Functions --configuration Release --output dist/app -p:UseCloudPackages=true
test -f dist/app/host.json || { echo "dist/app has no host.json; without it the Functions host starts nothing." >&2; exit 1; }
test ! -f dist/app/Ear.Sdk.dll || { echo "dist/app holds Ear.Sdk.dll: this is the build for one machine, not the one for the cloud." >&2; exit 1; }
python3 infra/hooks/host_json.py dist/app/host.json
