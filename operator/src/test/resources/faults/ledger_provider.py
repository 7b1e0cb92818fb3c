"""A cloud that is a file: each operation is written to it when it starts and when it ends.

A line is `time operation phase stack name id pid value`, where `-` stands for no value. After each line the provider asks the test whether to go on, so
that a test can end processes at exactly that point. How long an operation takes, and whether it fails, its inputs say.

In a pod the test is out of reach: there the folder LEDGER_HOLDS has a file for each point that is to be waited at, named
`stack.operation.phase.name`, until the test takes it away. That it waits, the provider tells by a file with `.reached`
appended, and that it was told meanwhile to come to an end, by one with `.cancelled`. And since each pod counts its
processes from one, the pod's name stands for the pid.
"""

import hashlib
import os
import socket
import sys
import time
import types
import uuid
from concurrent import futures

# The SDK's own package would import everything it has, which takes longer than most of what is done here.
site = next(path for path in sys.path if path.endswith("site-packages"))
for package in ("pulumi", "pulumi.runtime", "pulumi.runtime.proto"):
    module = types.ModuleType(package)
    module.__path__ = [os.path.join(site, *package.split("."))]
    sys.modules[package] = module

import grpc  # noqa: E402
from google.protobuf import empty_pb2, json_format  # noqa: E402
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc  # noqa: E402

TEXT = {"type": "string"}
PROPERTIES = {"name": TEXT, "value": TEXT, "kind": TEXT, "token": TEXT, "seconds": TEXT, "fail": TEXT}
SCHEMA = {
    "name": "ledger",
    "version": "1.0.0",
    "resources": {
        "ledger:index:Item": {"inputProperties": PROPERTIES, "requiredInputs": ["name"], "properties": PROPERTIES}
    },
}


HOLDS = os.environ.get("LEDGER_HOLDS")
WAITING = set()


def worker():
    return int(hashlib.sha256(socket.gethostname().encode()).hexdigest()[:12], 16) if HOLDS else os.getpid()


def stack_of(urn):
    return urn.split("::")[0].split(":")[-1]


def hold(*point):
    """Waits there while there is a file; what stands in it is how many bytes of memory to take meanwhile."""
    file = os.path.join(HOLDS, ".".join(point))
    limit = time.monotonic() + 900
    WAITING.add(file)
    taken = b""
    while os.path.exists(file) and time.monotonic() < limit:
        open(file + ".reached", "w").close()
        taken = taken or take(file)
        time.sleep(0.05)
    WAITING.discard(file)


def take(file):
    try:
        with open(file) as text:
            return b"x" * int(text.read() or 0)
    except FileNotFoundError:
        return b""


def write(operation, phase, urn, properties, identifier):
    stack, name = stack_of(urn), properties["name"]
    value = "".join(str(properties.get("value") or "-").split())
    line = " ".join([operation, phase, stack, name, identifier, str(worker()), value])
    with open(os.environ["LEDGER_FILE"], "a") as ledger:
        ledger.write(f"{time.time_ns()} {line}\n")
    if HOLDS:
        hold(stack, operation, phase, name)
        return
    try:
        with socket.create_connection(("127.0.0.1", int(os.environ["LEDGER_PORT"]))) as test:
            test.sendall(f"ledger {line}\n".encode())
            test.recv(16)
    except OSError:
        pass  # The test has ended; what it started may come to its end too.


def living(name, identifier):
    with open(os.environ["LEDGER_FILE"]) as ledger:
        words = [line.split()[1:6] for line in ledger]
    made = any(w[0] == "create" and w[4] == identifier for w in words)
    gone = any(w[0] == "delete" and w[1] == "end" and w[4] == identifier for w in words)
    return made and not gone


def carry_out(operation, urn, properties, identifier, context):
    if properties.get("fail") == "refuse":
        context.abort(grpc.StatusCode.UNKNOWN, f"{properties['name']} is refused")
    if HOLDS:
        hold(stack_of(urn), operation, "before", properties["name"])
    write(operation, "start", urn, properties, identifier)
    time.sleep(float(properties.get("seconds") or 0.2))
    write(operation, "end", urn, properties, identifier)


def plain(struct):
    return json_format.MessageToDict(struct)


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    def GetSchema(self, request, context):
        import json

        return provider_pb2.GetSchemaResponse(schema=json.dumps(SCHEMA))

    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version="1.0.0")

    def CheckConfig(self, request, context):
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request, context):
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request, context):
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Check(self, request, context):
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request, context):
        old, new = plain(request.olds), plain(request.news)
        changed = [key for key in PROPERTIES if key not in ("seconds", "fail") and old.get(key) != new.get(key)]
        replaced = [key for key in changed if key in ("kind", "name")]
        kind = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=kind, diffs=changed, replaces=replaced)

    def Create(self, request, context):
        properties = plain(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=request.properties)
        identifier = properties["name"] + "-" + uuid.uuid4().hex[:8]
        carry_out("create", request.urn, properties, identifier, context)
        return provider_pb2.CreateResponse(id=identifier, properties=request.properties)

    def Read(self, request, context):
        properties = plain(request.properties)
        name = properties.get("name") or request.id.rsplit("-", 1)[0]
        if not living(name, request.id):
            return provider_pb2.ReadResponse()
        read = request.properties
        if not properties:
            read.update({"name": name})
        return provider_pb2.ReadResponse(id=request.id, properties=read, inputs=read)

    def Update(self, request, context):
        if not request.preview:
            carry_out("update", request.urn, plain(request.news), request.id, context)
        return provider_pb2.UpdateResponse(properties=request.news)

    def Delete(self, request, context):
        carry_out("delete", request.urn, plain(request.properties), request.id, context)
        return empty_pb2.Empty()

    def Cancel(self, request, context):
        for file in list(WAITING):
            open(file + ".cancelled", "w").close()
        return empty_pb2.Empty()


server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(), server)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(port, flush=True)
server.wait_for_termination()
