"use strict";
// Resources that are lines of a ledger: each operation is written when it starts and when it ends.
const pulumi = require("@pulumi/pulumi");
const fs = require("fs");

function write(props, operation) {
  fs.appendFileSync(props.ledger, `${operation} ${props.name} start\n${operation} ${props.name} end\n`);
}

const provider = {
  async create(props) {
    write(props, "create");
    return { id: props.name, outs: props };
  },
  async diff(id, olds, news) {
    return { changes: olds.content !== news.content };
  },
  async update(id, olds, news) {
    write(news, "update");
    return { outs: news };
  },
  async delete(id, props) {
    write(props, "delete");
  },
};

exports.Item = class Item extends pulumi.dynamic.Resource {
  constructor(name, props, opts) {
    super(provider, name, props, opts);
  }
};
