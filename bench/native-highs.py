"""Branch and bound by native HiGHS (pip install highspy): python3 native-highs.py PROGRAM.mps START.json SECONDS [OPTIONS]

START.json holds a feasible point, or null; OPTIONS are further options of HiGHS as JSON. Prints {"status", "objective",
"bound", "nodes"}.
"""
import json
import sys

import highspy

program, start, seconds, *further = sys.argv[1:]
highs = highspy.Highs()
options = {
    "output_flag": False,
    "threads": 1,
    "time_limit": float(seconds),
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 0.0,
    "mip_feasibility_tolerance": 1e-9,
    **(json.loads(further[0]) if further else {}),
}
for name, value in options.items():
    highs.setOptionValue(name, value)
highs.readModel(program)
with open(start) as file:
    point = json.load(file)
if point is not None:
    solution = highspy.HighsSolution()
    solution.col_value = point
    highs.setSolution(solution)
highs.run()
info = highs.getInfo()
answer = {
    "status": highs.modelStatusToString(highs.getModelStatus()).lower(),
    "objective": info.objective_function_value,
    "bound": info.mip_dual_bound,
    "nodes": info.mip_node_count,
}
json.dump(answer, sys.stdout)
