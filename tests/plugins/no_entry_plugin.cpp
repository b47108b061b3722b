// A shared library that is no plugin.

extern "C" int some_function();

int some_function() {
  return 1;
}
