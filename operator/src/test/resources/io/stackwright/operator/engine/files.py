"""Resources that are files below $LEDGER: each create is seen there, takes $SECONDS, and can be edited behind Pulumi's back."""

import os
import time

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult


class FileProvider(ResourceProvider):
    def create(self, props):
        path = os.path.join(props["ledger"], props["name"])
        with open(path + ".started", "w") as started:
            started.write(str(os.getpid()))
        time.sleep(float(props["seconds"]))
        if props["content"] == "bad":
            raise ValueError("cannot write " + props["name"])
        with open(path, "w") as file:
            file.write(props["content"])
        return CreateResult(path, props)

    def diff(self, id, olds, news):
        return DiffResult(changes=olds.get("content") != news.get("content"))

    def read(self, id, props):
        if not os.path.exists(id):
            return ReadResult("", {})
        with open(id) as file:
            return ReadResult(id, {**props, "content": file.read()})

    def update(self, id, olds, news):
        with open(id, "w") as file:
            file.write(news["content"])
        return UpdateResult(news)

    def delete(self, id, props):
        if os.path.exists(id):
            os.remove(id)


class File(Resource):
    def __init__(self, name, content):
        super().__init__(
            FileProvider(),
            name,
            {
                "name": name,
                "content": content,
                "ledger": os.environ["LEDGER"],
                "seconds": os.environ.get("SECONDS", "0"),
            },
        )


if "RAISE" in os.environ:
    raise KeyError(os.environ["RAISE"])
for pair in os.environ["FILES"].split(","):
    File(*pair.split("="))
pulumi.export("open", {"list": [1, 2.5, None, True]})
pulumi.export("nested", {"deep": [1, {"token": pulumi.Output.secret("hunter2")}]})
if "HANG" in os.environ:
    print("hanging", flush=True)
    with open(os.path.join(os.environ["LEDGER"], "hanging"), "w") as file:
        file.write(str(os.getpid()))
    time.sleep(600)
