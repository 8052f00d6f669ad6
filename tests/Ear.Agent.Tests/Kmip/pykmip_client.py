"""Replays what mongod asks of a key manager, with PyKMIP's client.

usage: pykmip_client.py PORT CA CLIENT_PEM VERSION SEQUENCE [UID]
Prints one line a step; the last is "done". The test reads them.
"""
import binascii
import sys

from kmip.core import enums
from kmip.pie import client, exceptions, objects

port, ca, pem, version, sequence = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5]
KEY = bytes(range(32))


def attempt(name, call):
    try:
        print(name, call())
    except exceptions.KmipOperationFailure as failure:
        print(name, "failed", failure.reason.name)


def state(connection, uid):
    _, attributes = connection.get_attributes(uid, ["State"])
    return attributes[0].attribute_value.value.name


with client.ProxyKmipClient(
        hostname="127.0.0.1", port=port, cert=pem, key=pem, ca=ca, config="none",
        ssl_version="PROTOCOL_TLSv1_2", kmip_version=getattr(enums.KMIPVersion, version)) as connection:
    if sequence == "percona":
        uid = connection.register(objects.SymmetricKey(
            enums.CryptographicAlgorithm.AES, 256, KEY,
            [enums.CryptographicUsageMask.ENCRYPT, enums.CryptographicUsageMask.DECRYPT]))
    elif sequence == "enterprise":
        uid = connection.create(
            enums.CryptographicAlgorithm.AES, 256,
            cryptographic_usage_mask=[enums.CryptographicUsageMask.ENCRYPT, enums.CryptographicUsageMask.DECRYPT])
    else:
        uid = sys.argv[6]
    if sequence in ("percona", "enterprise"):
        print("uid", uid)
        connection.activate(uid)
        print("activated")
    attempt("state", lambda: state(connection, uid))
    attempt("key", lambda: binascii.hexlify(connection.get(uid).value).decode())
    if sequence == "locate":
        attempt("located", lambda: ",".join(connection.locate()))
print("done")
