// Which of the matrices of a dispatch a workgroup works on: their rows stand one behind the other.
//
//   blocks:  0 .. a-1 | a .. a+b-1 | a+b ..       each block `block_rows` rows of its matrix
//   matrix:     0           1           2
//
// Leaves in `block` the block's number in its matrix.
MatrixPush matrix_of(inout uint block, uint block_rows) {
  uint index = 0u;
  [[unroll]] for (uint i = 1u; i < kMatrices; ++i) {
    const uint before = (push.matrices[i - 1u].rows + block_rows - 1u) / block_rows;
    if (index + 1u == i && block >= before) {
      block -= before;
      index = i;
    }
  }
  return push.matrices[index];
}

Planes planes_of(MatrixPush matrix) {
  return Planes(matrix.quants_at, matrix.high_at, matrix.scales_at, matrix.fine_at);
}
