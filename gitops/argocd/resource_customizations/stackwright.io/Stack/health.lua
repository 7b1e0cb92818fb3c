-- A Stack is Degraded when only a person leads on, or when its runs have failed three times in a row; what the operator
-- goes on with by itself is Progressing, because Degraded ends a sync.
local failuresThatShow = 3

local conditions = {}
if obj.status ~= nil and obj.status.conditions ~= nil then
  for _, condition in ipairs(obj.status.conditions) do
    conditions[condition.type] = condition
  end
end
local ready = conditions["Ready"]

local function health(status, message)
  return {status = status, message = message}
end

if obj.metadata.deletionTimestamp ~= nil then
  return health("Progressing", ready ~= nil and ready.message or "Pending deletion")
end
if obj.status == nil or obj.status.observedGeneration ~= obj.metadata.generation or ready == nil then
  return health("Progressing", "Waiting for the operator to see the latest change of the spec")
end

local stalled = conditions["Stalled"]
if stalled ~= nil and stalled.status == "True" then
  return health("Degraded", stalled.message)
end

local reconciling = conditions["Reconciling"]
if reconciling ~= nil and reconciling.status == "True" then
  local failures = obj.status.failures
  if ready.status ~= "True" and reconciling.reason == "ProgressingWithRetry"
      and failures ~= nil and failures.count ~= nil and failures.count >= failuresThatShow
      and failures.reason ~= "Locked" then
    return health("Degraded", "failed " .. failures.count .. " times: " .. failures.message .. "; " .. reconciling.message)
  end
  if ready.status ~= "True" and ready.message ~= reconciling.message then
    return health("Progressing", ready.message .. "; " .. reconciling.message)
  end
  return health("Progressing", reconciling.message)
end

if obj.spec.suspend == true then
  return health("Suspended", ready.status == "True" and "suspended; " .. ready.message or ready.message)
end
if ready.status == "True" then
  return health("Healthy", ready.message)
end
-- Neither at work nor stuck: it waits until somebody lets it go on.
return health("Suspended", ready.message)
