-- Keeps an Update from starting, or stops it in good order.
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["stackwright.io/cancel"] = "true"
return obj
