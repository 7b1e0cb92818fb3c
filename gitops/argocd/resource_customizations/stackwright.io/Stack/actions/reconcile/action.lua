-- Asks for a run now, by an annotation that no manifest has: self-heal leaves it alone.
--
-- Argo CD sends the difference between the object and what comes back from here. Lua cannot hold every number, and knows
-- no empty objects; in lists Argo CD does not put them right. Better no action than a changed program.
local function survives(value, inList)
  if type(value) == "number" then
    return value <= 9007199254740992 and value >= -9007199254740992
  end
  if type(value) ~= "table" then
    return true
  end
  if inList and next(value) == nil then
    return false
  end
  local isList = #value > 0
  for _, member in pairs(value) do
    if not survives(member, isList) then
      return false
    end
  end
  return true
end

if not survives(obj, false) then
  error("this Stack has values that Argo CD's actions would change; annotate it with kubectl instead", 0)
end

local os = require("os")
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["stackwright.io/reconcile"] = "by Argo CD at " .. os.date("!%Y-%m-%dT%XZ")
return obj
