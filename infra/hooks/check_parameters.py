"""Checks the parameters of a deployment (environment variables of azd) before anything is made, and tells all that is wrong at once.

The template refuses some of it, too, but only when half of a deployment is there; tests/Ear.Infra.Tests compares the two.
"""
import ipaddress
import json
import os
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

SECRET_NAME = re.compile(r"(Secret|Password|SecretAccessKey|ServiceAccountKey|ConnectionString)$|^OTEL_EXPORTER_OTLP_(\w+_)?HEADERS$")
SECRET_VALUE = re.compile(r"AccountKey=|SharedAccessKey|SharedAccessSignature|InstrumentationKey=|[?&]sig=|PRIVATE KEY", re.IGNORECASE)
MAILBOX = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
# The hub of the package, for as long as a restore needs it for the package before, too (docs/operations/restore.md).
HUB_OF_HOST = "AzureFunctionsJobHost__extensions__durableTask__hubName"
# The app knows these regions (Atlas's names), and no others.
REGIONS = set(re.findall(r'"([A-Z][A-Z0-9_]+)"', (ROOT / "functions/Ear/PrivateEndpoints/PrivateEndpointRegions.cs").read_text()))

# The template sets these, from what it makes or from a variable: another value would lead the app past them.
OWNED = {
    "FUNCTIONS_WORKER_RUNTIME": "it is a property of the app",
    "AzureWebJobsStorage": "the host's account is reached by identity",
    "AzureWebJobsServiceBus": "the bus is reached by identity",
    "APPLICATIONINSIGHTS_CONNECTION_STRING": "the template makes it",
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": "the template makes it",
    "DurableTaskScheduler": "set EAR_DURABLE_BACKEND",
    "EventsTopic": "the template makes the topic",
    "Ear__Copies__BlobServiceUri": "set EAR_COPIES",
    "Ear__Copies__ConnectionString": "the account is reached by identity",
    "Ear__Copies__Container": "the app's role is on the container that the template makes",
    "Ear__Http__PublicBaseUrl": "set EAR_PUBLIC_BASE_URL",
    "Ear__Identity__ClientId": "the template makes the identity",
    "Ear__PrivateLink__ManagementEndpoint": "Azure's cloud says it",
    "Ear__PrivateLink__ResourceGroup": "set EAR_REGIONS",
    "Ear__PrivateLink__SubscriptionId": "set EAR_REGIONS",
    "Ear__Smtp__From": "set EAR_MAIL_FROM",
    "Ear__Smtp__Host": "set EAR_SMTP_HOST",
    "Ear__Store__BlobServiceUri": "the template makes the account",
    "Ear__Store__ConnectionString": "the account is reached by identity",
    "Ear__Store__Kind": "in Azure it is AzureTables",
    "Ear__Store__TableServiceUri": "the template makes the account",
}
OWNED_BEGINNINGS = {
    "AzureWebJobsStorage__": "the host's account is reached by identity",
    "AzureWebJobsServiceBus__": "the bus is reached by identity",
    "Ear__PrivateLink__Regions__": "set EAR_REGIONS",
}

faults = []


def value(name, default=""):
    return os.environ.get(name) or default


def example(name):
    return {
        "EAR_ALERT_EMAILS": '["operators@example.org"]',
        "EAR_REGIONS": '[{"name":"US_EAST_2","location":"eastus2","addressPrefix":"10.81.0.0/24"}]',
        "EAR_SETTINGS": '[{"name":"Ear__Http__RequestsPerSecond","value":"200"}]',
        "EAR_SETTINGS_FROM_VAULT": '[{"name":"Ear__AwsKms__SecretAccessKey","secret":"aws"}]',
        "EAR_TAGS": '[{"name":"owner","value":"platform"}]',
    }[name]


def parsed(name):
    """A variable that holds a JSON list; None where it holds something else, which is told."""
    try:
        items = json.loads(value(name, "[]"))
    except ValueError as why:
        faults.append(f"{name} is no JSON ({why}). Set it as: azd env set {name} '{example(name)}'")
        return None
    if not isinstance(items, list):
        faults.append(f"{name} is no list. Set it as: azd env set {name} '{example(name)}'")
        return None
    return items


def listed(name, fields, optional=()):
    """A list of objects with these text fields; empty where it is not set or wrong."""
    items = parsed(name) or []
    if not all(isinstance(i, dict) and all(isinstance(i.get(f), str) and (i[f] or f == "value") for f in fields) for i in items):
        faults.append(f"{name} must be a list of objects with {', '.join(fields)}: '{example(name)}'")
        return []
    for other in sorted({k for i in items for k in i} - set(fields) - set(optional)):
        faults.append(f"{name}: nothing is called {other}; an entry has {', '.join([*fields, *optional])}.")
    return items


def repeated(values):
    values = [v.casefold() for v in values]
    return {v for v in values if values.count(v) > 1}


def whole(least, most):
    def check(name, text):
        if not re.fullmatch(r"[0-9]{1,6}", text) or not least <= int(text) <= most:
            return f"is {text}; choose a whole number from {least:,} to {most:,}."
    return check


def one_of(*choices):
    def check(name, text):
        if text not in choices:
            return f"is {text}; choose {', '.join(choices[:-1])} or {choices[-1]}."
    return check


def shaped(pattern, wanted):
    def check(name, text):
        if not re.fullmatch(pattern, text):
            return f"is {text}; {wanted}"
    return check


yes_or_no = one_of("true", "false")

# One value each; lists have checks of their own below.
SIMPLE = {
    "AZURE_ENV_NAME": shaped(r"(?=.*[A-Za-z0-9])[A-Za-z0-9_.()-]{1,64}", "write 1 to 64 letters, digits and .()_-, one letter or digit at least."),
    "AZURE_LOCATION": shaped(r"[a-z0-9]+", "write the region as Azure does: northeurope."),
    "EAR_ZONE_REDUNDANT": yes_or_no,
    "EAR_SERVICE_BUS_SKU": one_of("Premium", "Standard"),
    "EAR_DURABLE_BACKEND": one_of("AzureStorage", "DurableTaskScheduler"),
    "EAR_SCHEDULER_SKU": one_of("Consumption", "Dedicated"),
    "EAR_TASK_HUB": shaped(r"[A-Za-z][A-Za-z0-9]{2,44}", "write 3 to 45 letters and digits, a letter first."),
    "EAR_VAULT_SKU": one_of("standard", "premium"),
    "EAR_COPIES": yes_or_no,
    "EAR_COPY_DAYS": whole(7, 3650),
    "EAR_COPIES_LOCKED": yes_or_no,
    "EAR_LOCKS": yes_or_no,
    "EAR_DATA_REPLICATION": one_of("Standard_LRS", "Standard_ZRS", "Standard_GRS", "Standard_RAGRS", "Standard_GZRS", "Standard_RAGZRS"),
    "EAR_ADDRESS_PREFIX": shaped(r"[0-9./]+", "write a network: 10.80.0.0/22."),
    "EAR_SMTP_HOST": shaped(r"[A-Za-z0-9.-]+", "write the name of the mail server alone: smtp.example.org."),
    "EAR_MAIL_FROM": lambda name, text: None if MAILBOX.fullmatch(text) or re.fullmatch(rf"[^<>]*<{MAILBOX.pattern}>", text)
    else f"is {text}; write an address: Ear <ear@example.org>.",
    "EAR_PUBLIC_BASE_URL": shaped(r"https://[^/\s?#]+[^\s?#]*(?<!/)", "write an https address without a slash at its end: https://ear.example.org."),
    "EAR_MAXIMUM_INSTANCES": whole(40, 1000),
    "EAR_INSTANCE_MEMORY_MB": one_of("2048", "4096"),
    "EAR_READY_INSTANCES": whole(0, 100),
    "EAR_REQUESTS_PER_INSTANCE": whole(1, 1000),
    "EAR_AUDIT_READER": shaped(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "write the object id of the service principal, a uuid."),
    "EAR_LOG_RETENTION_DAYS": whole(30, 730),
}
# Nobody but the operator knows these.
NEEDED = {
    "AZURE_ENV_NAME": "azd sets it for an environment (azd env new)",
    "AZURE_LOCATION": "azd sets it for an environment (azd env new)",
    "EAR_SMTP_HOST": "the mail server that takes Ear's mails; Ear does not start without one",
    "EAR_MAIL_FROM": "the address that Ear's mails come from; Ear does not start without one",
}


def check_simple():
    for name, what in NEEDED.items():
        if not value(name):
            faults.append(f"{name} is not set: {what}.")
    for name, check in SIMPLE.items():
        if value(name) and (fault := check(name, value(name))):
            faults.append(f"{name} {fault}")


def check_regions():
    regions = listed("EAR_REGIONS", ("name", "location", "addressPrefix"), ("dnsZone",))
    for what in ("name", "location"):
        for twice in sorted(repeated([r[what] for r in regions])):
            faults.append(f"EAR_REGIONS has {twice} twice.")
    for region in regions:
        if region["name"] not in REGIONS:
            faults.append(f"EAR_REGIONS: {region['name']} is no region of Azure as Atlas writes it; write US_EAST_2 for eastus2.")
        if not re.fullmatch(r"[a-z0-9]+", region["location"]):
            faults.append(f"EAR_REGIONS: {region['location']} is no region as Azure writes it; write eastus2.")
        if not isinstance(region.get("dnsZone", False), bool):
            faults.append(f"EAR_REGIONS, {region['name']}: dnsZone is true or false, without quotes.")
    networks = [("EAR_ADDRESS_PREFIX", value("EAR_ADDRESS_PREFIX", "10.80.0.0/22"))]
    networks += [(f"EAR_REGIONS, {r['name']}", r["addressPrefix"]) for r in regions]
    known = []
    for where, text in networks:
        try:
            known.append((where, ipaddress.IPv4Network(text)))
        except ValueError as why:
            faults.append(f"{where}: {why}.")
    for i, (where, network) in enumerate(known):
        if where == "EAR_ADDRESS_PREFIX" and network.prefixlen > 22:
            faults.append(f"EAR_ADDRESS_PREFIX is {network}; two networks of /24 go into it, so take a /22 or larger.")
        for other, its in known[i + 1:]:
            if network.overlaps(its):
                faults.append(f"{where} ({network}) and {other} ({its}) overlap.")


def owner(name):
    return OWNED.get(name) or next((why for beginning, why in OWNED_BEGINNINGS.items() if name.startswith(beginning)), None)


def check_settings():
    sample = json.loads((ROOT / "local.settings.sample.json").read_text())["Values"]
    plain, secret = listed("EAR_SETTINGS", ("name", "value")), listed("EAR_SETTINGS_FROM_VAULT", ("name", "secret"))
    for variable, items in (("EAR_SETTINGS", plain), ("EAR_SETTINGS_FROM_VAULT", secret)):
        for twice in sorted(repeated([i["name"] for i in items])):
            faults.append(f"{variable} has {twice} twice.")
        for name in (i["name"] for i in items):
            if not re.fullmatch(r"[A-Za-z0-9_]+", name):
                faults.append(f"{variable}: {name} holds a character that no setting of a Linux app can have.")
            elif why := owner(name):
                faults.append(f"{variable}: {name} is not to be set here; {why}.")
            elif name not in sample and name != HUB_OF_HOST and not name.startswith(("Ear__ControlPlane__", "OTEL_")):
                faults.append(f"{variable}: the app reads no setting {name}; local.settings.sample.json has them all.")
    both = {i["name"].casefold() for i in plain} & {i["name"].casefold() for i in secret}
    faults.extend(f"{name} is in EAR_SETTINGS and in EAR_SETTINGS_FROM_VAULT." for name in sorted({i["name"] for i in plain if i["name"].casefold() in both}))
    for item in plain:
        if SECRET_NAME.search(item["name"]) and item["value"] or SECRET_VALUE.search(item["value"]):
            faults.append(f"{item['name']} is a secret: put it into Ear's vault, and its name into EAR_SETTINGS_FROM_VAULT.")
        if item["name"] == HUB_OF_HOST and item["value"] != value("EAR_TASK_HUB", "EarTasks"):
            faults.append(f"EAR_SETTINGS: {HUB_OF_HOST} is {item['value']}, and EAR_TASK_HUB is {value('EAR_TASK_HUB', 'EarTasks')}; they must be the same.")
        elif item["name"] == HUB_OF_HOST:
            print(f"{HUB_OF_HOST} is for the time of a restore: take it out of EAR_SETTINGS once the app is deployed.")
    for item in secret:
        if not re.fullmatch(r"[A-Za-z0-9-]{1,127}", item["secret"]):
            faults.append(f"EAR_SETTINGS_FROM_VAULT: {item['secret']} is no name of a secret; it has letters, digits and hyphens.")


def check_people():
    emails = parsed("EAR_ALERT_EMAILS")
    if emails == []:
        print("EAR_ALERT_EMAILS is empty: nobody will be told when Ear itself is ill.")
    for address in emails or []:
        if not isinstance(address, str) or not MAILBOX.fullmatch(address):
            faults.append(f"EAR_ALERT_EMAILS: {json.dumps(address)} is no mail address.")


def check_tags():
    tags = listed("EAR_TAGS", ("name", "value"))
    for twice in sorted(repeated([t["name"] for t in tags])):
        faults.append(f"EAR_TAGS has {twice} twice.")
    for name in (t["name"] for t in tags):
        if re.search(r"[<>%&\\?/]", name) or len(name) > 512 or name in ("azd-env-name", "azd-service-name", "system"):
            faults.append(f"EAR_TAGS: {name} holds a character that no tag can have, or is a tag of Ear's own.")


check_simple()
check_regions()
check_settings()
check_people()
check_tags()
for fault in faults:
    print(fault, file=sys.stderr)
sys.exit(1 if faults else 0)
