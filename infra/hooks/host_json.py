"""Writes the task hub and the backend of Durable Functions into a package's host.json, whose path it is given.

What scales the app reads both in that file alone, whatever settings say (azure-functions-durable-extension, issues 2622 and 2803): an app whose hub
is named by a setting runs, and stays at one instance.
"""
import json
import os
import pathlib
import re
import sys

hub = os.environ.get("EAR_TASK_HUB") or "EarTasks"
backend = os.environ.get("EAR_DURABLE_BACKEND") or "AzureStorage"
if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]{2,44}", hub):
    sys.exit(f"EAR_TASK_HUB is {hub}; write 3 to 45 letters and digits, a letter first.")
if backend not in ("AzureStorage", "DurableTaskScheduler"):
    sys.exit(f"EAR_DURABLE_BACKEND is {backend}; write AzureStorage or DurableTaskScheduler.")

file = pathlib.Path(sys.argv[1])
host = json.loads(file.read_text())
durable = host["extensions"]["durableTask"]
durable["hubName"] = hub
durable.pop("storageProvider", None)
if backend == "DurableTaskScheduler":
    # The setting of this name says where the scheduler is (infra/modules/functionApp.bicep).
    durable["storageProvider"] = {"type": "azureManaged", "connectionStringName": "DurableTaskScheduler"}
file.write_text(json.dumps(host, indent=2) + "\n")
print(f"Orchestrations of this package are in hub {hub} ({backend}).")
