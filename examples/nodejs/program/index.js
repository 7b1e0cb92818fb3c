const pulumi = require("@pulumi/pulumi");

class Greeter extends pulumi.ComponentResource {
  constructor(name, languages, options) {
    super("example:index:Greeter", name, {}, options);
    const words = { de: "hallo", en: "hello", ja: "こんにちは" };
    this.greeting = languages.map((language) => words[language]).join(", ");
    this.registerOutputs({ greeting: this.greeting });
  }
}

const languages = new pulumi.Config().requireObject("languages");

exports.greeting = new Greeter("greeter", languages).greeting;
exports.languages = languages;
exports.key = pulumi.secret("only for those who may read the Secret");
