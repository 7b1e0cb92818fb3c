import pulumi
from ledger import Item
from lib.titles import title


class Shelf(pulumi.ComponentResource):
    """A component with an item for each pair."""

    def __init__(self, name, items, ledger, seconds):
        super().__init__("ledger:index:Shelf", name)
        for item, content in items.items():
            Item(item, content, ledger, seconds, pulumi.ResourceOptions(parent=self))
        self.titles = pulumi.Output.from_input([title(item) for item in items])
        self.register_outputs({"titles": self.titles})


config = pulumi.Config()
items = dict(pair.split("=") for pair in config.require("items").split(","))
shelf = Shelf("shelf", items, config.require("ledger"), config.require("seconds"))
if config.get("broken"):
    raise ValueError(config.get("broken"))
pulumi.export("titles", shelf.titles)
pulumi.export("count", len(items))
pulumi.export("sealed", pulumi.Output.secret("hunter2"))
