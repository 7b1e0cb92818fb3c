package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	jsonpatch "github.com/evanphx/json-patch/v5"
	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	luajson "layeh.com/gopher-json"
)

// Argo CD cannot be imported as a library (its go.mod replaces one of its own modules by a folder), so this follows
// its util/lua/lua.go: the same interpreter, the same libraries, the same conversions.

var healths = []string{"Unknown", "Progressing", "Suspended", "Healthy", "Degraded", "Missing"}

// health is what Argo CD shows: an object that is being deleted is Progressing before any script is asked.
func health(object *unstructured.Unstructured, script string) (any, error) {
	if object.GetDeletionTimestamp() != nil {
		return verdict{"Progressing", "Pending deletion"}, nil
	}
	answer, err := runLua(object, script)
	if err != nil {
		return nil, err
	}
	var seen verdict
	if err := json.Unmarshal(answer, &seen); err != nil {
		return nil, err
	}
	if !slices.Contains(healths, seen.Status) {
		return nil, fmt.Errorf("%q is no health", seen.Status)
	}
	return seen, nil
}

// act is the merge patch between the live object and what the action made of it.
func act(object *unstructured.Unstructured, script string) (any, error) {
	answer, err := runLua(object, script)
	if err != nil {
		return map[string]string{"error": err.Error()}, nil
	}
	var changed map[string]any
	if err := json.Unmarshal(answer, &changed); err != nil {
		return nil, err
	}
	before, err := json.Marshal(object.Object)
	if err != nil {
		return nil, err
	}
	after, err := json.Marshal(cleaned(changed, object.Object))
	if err != nil {
		return nil, err
	}
	patch, err := jsonpatch.CreateMergePatch(before, after)
	if err != nil {
		return nil, err
	}
	return map[string]json.RawMessage{"patch": patch}, nil
}

// runLua runs a script as Argo CD runs those of argocd-cm without useOpenLibs: with the base and table libraries, and of
// os only what tells the time; for a second at most.
func runLua(object *unstructured.Unstructured, script string) (json.RawMessage, error) {
	l := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer l.Close()
	open := map[string]lua.LGFunction{
		lua.LoadLibName: lua.OpenPackage, lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable}
	for _, name := range []string{lua.LoadLibName, lua.BaseLibName, lua.TabLibName} {
		if err := l.CallByParam(lua.P{Fn: l.NewFunction(open[name]), Protect: true}, lua.LString(name)); err != nil {
			return nil, err
		}
	}
	l.PreloadModule(lua.OsLibName, func(l *lua.LState) int {
		lua.OpenOs(l)
		all := l.Get(-1).(*lua.LTable)
		l.SetGlobal(lua.OsLibName, lua.LNil)
		safe := l.NewTable()
		safe.RawSetString("time", all.RawGetString("time"))
		safe.RawSetString("date", all.RawGetString("date"))
		l.Push(safe)
		return 1
	})
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	l.SetContext(ctx)
	l.SetGlobal("obj", toLua(l, object.Object))
	if err := l.DoString(script); err != nil {
		return nil, err
	}
	answer := l.Get(-1)
	if answer.Type() != lua.LTTable {
		return nil, fmt.Errorf("expected a table from the script, not %s", answer.Type())
	}
	return luajson.Encode(answer)
}

func toLua(l *lua.LState, value any) lua.LValue {
	switch converted := value.(type) {
	case bool:
		return lua.LBool(converted)
	case float64:
		return lua.LNumber(converted)
	case int64:
		return lua.LNumber(converted)
	case string:
		return lua.LString(converted)
	case []any:
		list := l.CreateTable(len(converted), 0)
		for _, item := range converted {
			list.Append(toLua(l, item))
		}
		return list
	case map[string]any:
		table := l.CreateTable(0, len(converted))
		for key, item := range converted {
			table.RawSetH(lua.LString(key), toLua(l, item))
		}
		return table
	default:
		return lua.LNil
	}
}

// cleaned turns empty lists into the empty objects that they were before: Lua does not tell them apart. Like Argo CD it
// does so for members of objects, not for items of lists.
func cleaned(changed, before map[string]any) map[string]any {
	for key, old := range before {
		switch now := changed[key].(type) {
		case map[string]any:
			if old, ok := old.(map[string]any); ok {
				changed[key] = cleaned(now, old)
			}
		case []any:
			switch old := old.(type) {
			case map[string]any:
				if len(now) == 0 {
					changed[key] = map[string]any{}
				}
			case []any:
				changed[key] = cleanedList(now, old)
			}
		}
	}
	return changed
}

func cleanedList(changed, before []any) []any {
	for i := range min(len(changed), len(before)) {
		switch now := changed[i].(type) {
		case map[string]any:
			if old, ok := before[i].(map[string]any); ok {
				changed[i] = cleaned(now, old)
			}
		case []any:
			if old, ok := before[i].([]any); ok {
				changed[i] = cleanedList(now, old)
			}
		}
	}
	return changed
}
