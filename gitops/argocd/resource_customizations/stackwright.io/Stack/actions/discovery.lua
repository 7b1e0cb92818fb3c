local actions = {}
actions["reconcile"] = {
  ["disabled"] = obj.metadata.deletionTimestamp ~= nil or obj.spec.suspend == true,
  ["iconClass"] = "fa fa-fw fa-redo",
}
return actions
