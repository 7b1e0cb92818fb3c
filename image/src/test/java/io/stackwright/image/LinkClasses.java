package io.stackwright.image;

/** Links and initializes the classes that it is given, on the runtime that it runs on. */
final class LinkClasses {

    private LinkClasses() {}

    public static void main(String[] names) throws ClassNotFoundException {
        for (String name : names) {
            Class.forName(name, true, LinkClasses.class.getClassLoader());
        }
        System.out.println("linked " + names.length);
    }
}
