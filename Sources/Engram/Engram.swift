// `import Engram` is enough: each library below is re-exported, so its names need no import of their own. ComplexModule is that of
// eigenvalues.
//
// A library that joins the product gets one line here and one entry in Package.swift.
@_exported public import ComplexModule
@_exported public import EngramDynamics
@_exported public import EngramKernels
@_exported public import EngramMedia
@_exported public import EngramMemories
@_exported public import EngramNetworks
@_exported public import EngramNumerics
@_exported public import EngramSystem
