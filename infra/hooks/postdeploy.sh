#!/bin/sh
# Is it up, and does it refuse strangers? Waits ten minutes at most: the first start after a deployment fetches the package.
set -eu
: "${EAR_URL:?EAR_URL is not set; azd provision sets it.}"
: "${EAR_APP_NAME:?EAR_APP_NAME is not set; azd provision sets it.}" "${AZURE_RESOURCE_GROUP:?AZURE_RESOURCE_GROUP is not set; azd provision sets it.}"
document="$EAR_URL/api/atlas/v2/openapi.json"
end=$(($(date +%s) + 600))
until code=$(curl --silent --show-error --max-time 20 --output /dev/null --write-out '%{http_code}' "$document") && [ "$code" = 200 ]; do
  # Another try takes up to half a minute.
  if [ "$(($(date +%s) + 30))" -gt "$end" ]; then
    echo "$document still answers ${code:-nothing} after ten minutes. Look at the app's log: docs/operations/deploy.md, \"When it does not start\"." >&2
    exit 1
  fi
  sleep 10
done
code=$(curl --silent --show-error --max-time 20 --output /dev/null --write-out '%{http_code}' --header 'Accept: application/vnd.atlas.2023-01-01+json' "$EAR_URL/api/atlas/v2/groups")
if [ "$code" != 401 ]; then
  echo "A request without credentials was answered with $code, not 401. Stop the app until this is understood." >&2
  exit 1
fi
echo "Ear answers at $EAR_URL."
# Printed and not run: the answer holds secrets, and is for the one who asks for them.
cat <<TEXT

The first access, once (docs/operations/deploy.md, "First access"):
  az functionapp keys list --resource-group '$AZURE_RESOURCE_GROUP' --name '$EAR_APP_NAME' --query masterKey --output tsv \\
    | sed 's/^/x-functions-key: /' \\
    | curl --fail-with-body --header @- --header 'Content-Type: application/json' --data '{"ownerEmails":["YOU@EXAMPLE.ORG"]}' '$EAR_URL/api/operator/v1/firstAccess'
TEXT
