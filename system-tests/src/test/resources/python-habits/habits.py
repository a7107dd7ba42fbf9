#!/usr/bin/env python3
"""Leans on the contract in the ways that public Python handlers do; see docs/reference/compatibility.md."""
import base64
import json
import os
import re
import subprocess
import sys
import time
from xml.etree import ElementTree

SPACE = "{http://schemas.microsoft.com/windowsazure}"


def newest_settings(folder):
    """The sequence number of the file that was written last, whatever its name says."""
    files = [f for f in os.listdir(folder) if f.endswith(".settings")]
    return max(files, key=lambda f: os.path.getmtime(os.path.join(folder, f))).split(".")[0]


def decrypt(text, thumbprint, keys):
    """With the programs of the host, the certificate found by its thumbprint; cms first, the older smime after it."""
    for program in ("cms", "smime"):
        done = subprocess.run(
            "openssl %s -inform DER -decrypt -recip %s/%s.crt -inkey %s/%s.prv" % (program, keys, thumbprint, keys, thumbprint),
            shell=True, input=base64.standard_b64decode(text), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        if done.returncode == 0:
            return json.loads(done.stdout)
    raise ValueError("no openssl command decrypts the settings")


def report(folder, number, status, message):
    text = [{"version": "1.0", "timestampUTC": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
             "status": {"name": "PythonHabits", "operation": "Enable", "status": status, "code": "0",
                        "formattedMessage": {"lang": "en-US", "message": message}}}]
    name = os.path.join(folder, number + ".status")
    with open(name + ".tmp", "w+", encoding="utf-8") as file:
        json.dump(text, file)
    os.rename(name + ".tmp", name)


def main():
    # The working directory is the handler's folder; name and version stand in manifest.xml, not in the handler's manifest.
    manifest = ElementTree.parse("manifest.xml")
    name = manifest.find(SPACE + "ProviderNameSpace").text + "." + manifest.find(SPACE + "Type").text
    with open("HandlerEnvironment.json", encoding="utf-8") as file:
        environment = json.load(file)[0]["handlerEnvironment"]
    config, status = environment["configFolder"], environment["statusFolder"]
    number = newest_settings(config)
    if number != os.environ["ConfigSequenceNumber"]:
        raise ValueError("the newest settings are %s, the environment says %s" % (number, os.environ["ConfigSequenceNumber"]))
    if os.path.isfile("mrseq") and int(number) <= int(open("mrseq", encoding="utf-8").read()):
        sys.exit(0)
    with open("mrseq", "w", encoding="utf-8") as file:
        file.write(number)
    path = os.path.join(config, number + ".settings")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    settings = json.loads(text)["runtimeSettings"][0]["handlerSettings"]
    secret = decrypt(settings["protectedSettings"], settings["protectedSettingsCertThumbprint"],
                     os.path.join(config, "..", ".."))
    # Once used, sealed settings are taken out of the file, by a pattern that knows one form of base64 only.
    with open(path, "w", encoding="utf-8") as file:
        file.write(re.sub(r'"protectedSettings":\s*"[^"]+=="', '"protectedSettings": "*** REDACTED ***"', text))
    # The logs of all handlers are closed to others, also to those that come later.
    os.chmod(os.path.join(environment["logFolder"], ".."), 0o700)
    report(status, number, "transitioning", "launching")
    sys.stdout.flush()
    if os.fork() == 0:
        # The daemon keeps output and session of the command, and reports when the command has long returned.
        with open(settings["publicSettings"]["gate"], encoding="utf-8") as gate:
            gate.read()
        report(status, number, "success", "%s did %s with %d characters" % (name, number, len(secret["word"])))
        os._exit(0)


main()
