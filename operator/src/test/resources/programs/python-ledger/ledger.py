"""Resources that are lines of a ledger: each operation is written when it starts and when it ends."""

import time

from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult


def write(props, *words):
    with open(props["ledger"], "a") as ledger:
        ledger.write(" ".join(words) + "\n")


class LedgerProvider(ResourceProvider):
    def create(self, props):
        write(props, "create", props["name"], "start")
        time.sleep(float(props["seconds"]))
        write(props, "create", props["name"], "end")
        return CreateResult(props["name"], props)

    def diff(self, id, olds, news):
        return DiffResult(changes=olds["content"] != news["content"])

    def update(self, id, olds, news):
        write(news, "update", id, "start")
        write(news, "update", id, "end")
        return UpdateResult(news)

    def delete(self, id, props):
        write(props, "delete", id, "start")
        write(props, "delete", id, "end")


class Item(Resource):
    def __init__(self, name, content, ledger, seconds, opts=None):
        props = {"name": name, "content": content, "ledger": ledger, "seconds": seconds}
        super().__init__(LedgerProvider(), name, props, opts)
