"""Checks the parameters of a deployment (environment variables of azd) against what the template cannot check by itself."""
import ipaddress
import json
import os
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECRET = re.compile(r"(Secret|Password|SecretAccessKey|ServiceAccountKey|ConnectionString)$")
# Empty in the sample, and only the operator knows them; the app does not start without.
NEEDED = ("Ear__Smtp__Host", "Ear__Smtp__From")
OF_A_REGION = ("Ear__ControlPlane__", "Ear__PrivateLink__Regions__")

faults = []


def listed(name, fields):
    """A variable that holds a JSON list of objects with these text fields; empty where it is not set."""
    text = os.environ.get(name) or "[]"
    try:
        items = json.loads(text)
    except ValueError as why:
        faults.append(f"{name} is no JSON ({why}). Set it as: azd env set {name} '[…]'")
        return []
    if not isinstance(items, list) or not all(isinstance(i, dict) and all(isinstance(i.get(f), str) for f in fields) for i in items):
        faults.append(f"{name} must be a list of objects with {', '.join(fields)}.")
        return []
    return items


def repeated(values):
    return sorted({v for v in values if values.count(v) > 1})


def check_regions():
    regions = listed("EAR_REGIONS", ("name", "location", "addressPrefix"))
    for what in ("name", "location"):
        for twice in repeated([r[what] for r in regions]):
            faults.append(f"EAR_REGIONS has {twice} twice.")
    networks = [("EAR_ADDRESS_PREFIX", os.environ.get("EAR_ADDRESS_PREFIX") or "10.80.0.0/22")]
    networks += [(f"EAR_REGIONS, {r['name']}", r["addressPrefix"]) for r in regions]
    parsed = []
    for where, text in networks:
        try:
            parsed.append((where, ipaddress.ip_network(text)))
        except ValueError as why:
            faults.append(f"{where}: {why}.")
    for i, (where, network) in enumerate(parsed):
        if where == "EAR_ADDRESS_PREFIX" and network.prefixlen > 22:
            faults.append(f"EAR_ADDRESS_PREFIX is {network}; two networks of /24 go into it, so take a /22 or larger.")
        for other, its in parsed[i + 1:]:
            if network.overlaps(its):
                faults.append(f"{where} ({network}) and {other} ({its}) overlap.")


def check_settings():
    sample = json.loads((ROOT / "local.settings.sample.json").read_text())["Values"]
    given = set()
    for variable, fields in (("EAR_SETTINGS", ("name", "value")), ("EAR_SETTINGS_FROM_VAULT", ("name", "secret"))):
        items = listed(variable, fields)
        given |= {i["name"] for i in items if i[fields[1]]}
        for twice in repeated([i["name"] for i in items]):
            faults.append(f"{variable} has {twice} twice.")
        for name in (i["name"] for i in items):
            if name not in sample and not name.startswith(OF_A_REGION):
                faults.append(f"{variable}: the app reads no setting {name}; local.settings.sample.json has them all.")
            if not re.fullmatch(r"[A-Za-z0-9_]+", name):
                faults.append(f"{variable}: {name} holds a character that no setting of a Linux app can have.")
            if variable == "EAR_SETTINGS" and SECRET.search(name):
                faults.append(f"{name} is a secret: put it into Ear's vault, and its name into EAR_SETTINGS_FROM_VAULT.")
    for name in NEEDED:
        if name not in given:
            faults.append(f"EAR_SETTINGS: {name} is missing; Ear tells owners of their alerts by mail and does not start without a mail server and a sender.")


def check_rest():
    for name in ("AZURE_ENV_NAME", "AZURE_LOCATION"):
        if not os.environ.get(name):
            faults.append(f"{name} is not set; azd sets it for an environment (azd env new).")
    if os.environ.get("AZURE_ENV_NAME") and not re.search(r"[A-Za-z0-9]", os.environ["AZURE_ENV_NAME"][:12]):
        faults.append("AZURE_ENV_NAME has no letter or digit among its first 12 characters.")
    emails = os.environ.get("EAR_ALERT_EMAILS") or "[]"
    try:
        if not json.loads(emails):
            print("EAR_ALERT_EMAILS is empty: nobody will be told when Ear itself is ill.")
    except ValueError as why:
        faults.append(f"EAR_ALERT_EMAILS is no JSON ({why}). Set it as: azd env set EAR_ALERT_EMAILS '[\"operators@example.org\"]'")


check_rest()
check_regions()
check_settings()
for fault in faults:
    print(fault, file=sys.stderr)
sys.exit(1 if faults else 0)
