import { writeFileSync } from "node:fs";
import { trace, tensorSpec as t } from "../codegen/graph.ts";
import { compile } from "../codegen/pipeline.ts";
import { emitModule } from "../backends/loops/emit.ts";
import * as M from "../examples/mnist/mlp.ts";
import * as S from "./models/mlp.ts";
import * as P from "./models/matmul.ts";
const p=()=>({hidden:{w:t([784,128],"f32"),b:t([128],"f32")},out:{w:t([128,10],"f32"),b:t([10],"f32")}});
const x=t(["B",784],"f32"),y=t(["B"],"i32");
const gen=(file:string,fs:[string,any,any[]][],source:string)=>writeFileSync(file,emitModule(fs.map(([n,f,ps])=>compile(trace(n,f.def,ps))),{header:["provisional"],source}));
gen("examples/mnist/mlp.loops.ts",[["logits",M.logits,[{name:"p",specs:p()},{name:"x",specs:x}]],["loss",M.loss,[{name:"p",specs:p()},{name:"x",specs:x},{name:"y",specs:y}]],
 ["trainStep",M.trainStep,[{name:"s",specs:{p:p(),opt:{step:t([],"i32"),m:p(),v:p()}}},{name:"x",specs:x},{name:"y",specs:y},{name:"lr",specs:"number"}]]],"./mlp.ts");
gen("bench/models/mlp.loops.ts",[["sgdStep",S.sgdStep,[{name:"p",specs:p()},{name:"x",specs:x},{name:"y",specs:y},{name:"lr",specs:"number"}]]],"./mlp.ts");
gen("bench/models/matmul.loops.ts",[["product",P.product,[{name:"a",specs:t(["M","K"],"f32")},{name:"b",specs:t(["K","N"],"f32")}]]],"./matmul.ts");
