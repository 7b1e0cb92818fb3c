local ended = false
if obj.status ~= nil and obj.status.phase ~= nil then
  ended = obj.status.phase ~= "Queued" and obj.status.phase ~= "Running"
end

local actions = {}
actions["cancel"] = {
  ["disabled"] = ended,
  ["iconClass"] = "fa fa-fw fa-stop",
}
return actions
