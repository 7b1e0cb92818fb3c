module stackwright.io/toolchain/pause

go 1.25
