"""Names that are made up once and then stay."""

import os
import secrets

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider


class NameProvider(ResourceProvider):
    """Keeps each name in the Pulumi state; a real one would call an API here."""

    def create(self, props):
        name = f"{props['prefix']}-{secrets.token_hex(4)}"
        return CreateResult(id_=name, outs={**props, "name": name})

    def diff(self, _id, olds, news):
        changed = olds["prefix"] != news["prefix"]
        return DiffResult(changes=changed, replaces=["prefix"] if changed else [])


class Name(Resource):
    name: pulumi.Output[str]

    def __init__(self, resource_name, prefix, opts=None):
        super().__init__(NameProvider(), resource_name, {"prefix": prefix, "name": None}, opts)


class Names(pulumi.ComponentResource):
    """Several names with one prefix."""

    def __init__(self, resource_name, prefix, count, opts=None):
        super().__init__("example:index:Names", resource_name, None, opts)
        self.names = [
            Name(f"{resource_name}-{i}", prefix, pulumi.ResourceOptions(parent=self)).name for i in range(count)
        ]
        self.register_outputs({"names": self.names})


count = pulumi.Config().require_int("count")
names = Names("names", os.environ["TEAM"], count)
pulumi.export("names", names.names)
pulumi.export("count", count)
