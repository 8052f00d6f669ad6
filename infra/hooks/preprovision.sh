#!/bin/sh
# Before anything is made: says what is missing or wrong, all of it at once, instead of leaving it to a deployment that fails half-way.
set -eu
cd "$(dirname "$0")/../.."
command -v python3 >/dev/null || { echo "python3 is missing; it checks the parameters before a deployment." >&2; exit 1; }
command -v dotnet >/dev/null || { echo "The .NET SDK is missing; global.json says which one." >&2; exit 1; }
python3 infra/hooks/check_parameters.py

# Resource providers that a deployment needs. Azure registers those of the resources in it by itself, where whoever deploys may do so; Microsoft.App has no
# resource in it, only a subnet that is delegated to it, and so is never registered by a deployment. Only said, as azd works without the az command.
providers='Microsoft.App Microsoft.Insights Microsoft.KeyVault Microsoft.ManagedIdentity Microsoft.Network Microsoft.OperationalInsights Microsoft.ServiceBus Microsoft.Storage Microsoft.Web'
[ "${EAR_DURABLE_BACKEND:-}" != DurableTaskScheduler ] || providers="$providers Microsoft.DurableTask"
subscription=${AZURE_SUBSCRIPTION_ID:+--subscription $AZURE_SUBSCRIPTION_ID}
# shellcheck disable=SC2086 # two words, or none
if command -v az >/dev/null && registered=$(az provider list $subscription --query "[?registrationState=='Registered'].namespace" --output tsv 2>/dev/null); then
  for provider in $providers; do
    printf '%s\n' "$registered" | tr -d '\r' | grep -qix "$provider" || echo "The subscription does not know $provider yet. Once: az provider register --wait --namespace $provider $subscription" >&2
  done
else
  echo "Nobody is signed in to az, so it is not known whether the subscription knows Microsoft.App. Once: az provider register --wait --namespace Microsoft.App" >&2
fi
