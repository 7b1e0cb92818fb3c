"use strict";
const pulumi = require("@pulumi/pulumi");
const { Item } = require("./ledger");

const config = new pulumi.Config();
const items = Object.fromEntries(config.require("items").split(",").map((pair) => pair.split("=")));
const parent = new pulumi.ComponentResource("ledger:index:Shelf", "shelf");
for (const [name, content] of Object.entries(items)) {
  new Item(name, { name, content, ledger: config.require("ledger") }, { parent });
}

module.exports = { titles: Object.keys(items).map((name) => name.toUpperCase()), count: Object.keys(items).length };
