#include "deploy/starling/program.hpp"

int main(int argc, char** argv) {
  return starling::cli::run(argc, argv);
}
