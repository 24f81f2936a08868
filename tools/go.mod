module kith/tools

go 1.26.0
